// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "firmware.h"

#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "signature.h"

#define FILE_NAME "regulatory.db"
#define SIGNATURE_NAME "regulatory.db.p7s"

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

static int check_against_file(const struct firmware *file, const char **why)
{
	const struct firmware *signature;
	int ret;

	ret = firmware_request_nowarn(&signature, SIGNATURE_NAME, &device->dev);
	if (ret) {
		*why = ret == -ENOENT ? "no signature: no file " SIGNATURE_NAME :
					"the file " SIGNATURE_NAME " cannot be read";
		return ret;
	}
	ret = regdom_signature_check(file->data, file->size, signature->data,
				     signature->size, why);
	release_firmware(signature);
	return ret;
}

/* Returns 0 when the file may be loaded; *is_signed: its signature is good. */
static int check_signature(const struct firmware *file, bool *is_signed,
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
	const struct firmware *file;
	struct regdom_store *store;
	bool is_signed;
	int ret;

	*fault = (struct regdom_fault){ 0 };
	ret = firmware_request_nowarn(&file, FILE_NAME, &device->dev);
	if (ret)
		return ERR_PTR(ret);
	ret = check_signature(file, &is_signed, &fault->why);
	if (ret)
		store = ERR_PTR(ret);
	else
		store = regdom_store_create(file->data, file->size, fault);
	if (!IS_ERR(store))
		store->is_signed = is_signed;
	release_firmware(file);
	return store;
}

MODULE_FIRMWARE(FILE_NAME);
MODULE_FIRMWARE(SIGNATURE_NAME);
