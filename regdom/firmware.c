// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "firmware.h"

#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "candidate.h"
#include "db_ext.h"
#include "db_v20.h"
#include "signature.h"

#define FILE_NAME "regulatory.db"
#define SIGNATURE_NAME "regulatory.db.p7s"
#define FILE_MAX_BYTES max(REGDOM_V20_MAX_BYTES, REGDOM_EXT_MAX_BYTES)
/* One signature has 1 to 2 KiB. */
#define SIGNATURE_MAX_BYTES 65536

static struct platform_device *device;

int regdom_firmware_init(void)
{
	device = platform_device_register_simple("regdom", PLATFORM_DEVID_NONE,
						 NULL, 0);
	return PTR_ERR_OR_ZERO(device);
}

void regdom_firmware_exit(void)
{
	platform_device_unregister(device);
}

struct content {
	u8 *data;			/* NULL: not read */
	size_t bytes;
};

/*
 * Into memory of our own: only so does the loader leave its cache alone, which
 * for 10 s after a resume has the file that was there before the suspend.
 */
static int read_into(struct content *file, const char *name, size_t room_bytes)
{
	const struct firmware *firmware;
	int ret;

	file->data = kvmalloc(room_bytes, GFP_KERNEL);
	if (!file->data)
		return -ENOMEM;
	ret = request_firmware_into_buf(&firmware, name, &device->dev, file->data, room_bytes);
	if (ret)
		return ret;
	file->bytes = firmware->size;
	release_firmware(firmware);
	return 0;
}

/*
 * What is too large is refused (-EFBIG) before it is read, what is not a regular file
 * (-EINVAL) before it is opened.
 */
static int read(struct content *file, const char *name, size_t max_bytes)
{
	size_t room_bytes;
	int ret;

	file->data = NULL;
	ret = regdom_candidates_check(name, max_bytes, &room_bytes);
	if (ret)
		return ret;
	ret = read_into(file, name, room_bytes);
	if (!ret || ret == -ENOMEM || room_bytes == max_bytes)
		return ret;
	/* it may have grown since */
	kvfree(file->data);
	return read_into(file, name, max_bytes);
}

/* NULL: it is not said here. */
static const char *why_not_read(int error)
{
	if (error == -EFBIG)
		return "file too large";
	if (error == -EINVAL)
		return "the file is empty, or not a regular file";
	return NULL;
}

static const char *why_no_signature(int error)
{
	switch (error) {
	case -ENOENT:
		return "no signature: no file " SIGNATURE_NAME;
	case -ENOMEM:
		return "out of memory";
	case -EFBIG:
		return "the file " SIGNATURE_NAME " is too large";
	case -EINVAL:
		return "the file " SIGNATURE_NAME " is empty, or not a regular file";
	default:
		return "the file " SIGNATURE_NAME " cannot be read";
	}
}

static int check_against_file(const struct content *file, const char **why)
{
	struct content signature;
	int ret;

	ret = read(&signature, SIGNATURE_NAME, SIGNATURE_MAX_BYTES);
	if (ret)
		*why = why_no_signature(ret);
	else
		ret = regdom_signature_check(file->data, file->bytes,
					     signature.data, signature.bytes, why);
	kvfree(signature.data);
	return ret;
}

/* Returns 0 when the file may be loaded; *is_signed: its signature is good. */
static int check_signature(const struct content *file, bool *is_signed,
			   const char **why)
{
	int ret;

	*is_signed = false;
	if (regdom_signature_policy() == REGDOM_SIGNATURE_OFF)
		return 0;
	ret = check_against_file(file, why);
	if (ret == 0) {
		*is_signed = true;
	} else if (regdom_signature_policy() == REGDOM_SIGNATURE_WARN) {
		pr_warn(FILE_NAME ": %s (error %d): it is loaded, since sig=warn\n",
			*why, ret);
		*why = NULL;
		ret = 0;
	}
	return ret;
}

struct regdom_store *regdom_firmware_load(struct regdom_fault *fault)
{
	struct regdom_store *store;
	bool is_signed = false;
	struct content file;
	int ret;

	*fault = (struct regdom_fault){ 0 };
	ret = read(&file, FILE_NAME, FILE_MAX_BYTES);
	fault->why = why_not_read(ret);
	ret = ret ?: check_signature(&file, &is_signed, &fault->why);
	store = ret ? ERR_PTR(ret) :
		regdom_store_create(file.data, file.bytes, fault);
	if (!IS_ERR(store))
		store->is_signed = is_signed;
	kvfree(file.data);
	return store;
}

MODULE_FIRMWARE(FILE_NAME);
MODULE_FIRMWARE(SIGNATURE_NAME);
