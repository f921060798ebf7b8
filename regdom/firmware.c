// SPDX-License-Identifier: GPL-2.0
#include "firmware.h"

#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#define FILE_NAME "regulatory.db"

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

struct regdom_store *regdom_firmware_load(struct regdom_fault *fault)
{
	const struct firmware *file;
	struct regdom_store *store;
	int ret;

	*fault = (struct regdom_fault){ 0 };
	ret = firmware_request_nowarn(&file, FILE_NAME, &device->dev);
	if (ret)
		return ERR_PTR(ret);
	store = regdom_store_create(file->data, file->size, fault);
	release_firmware(file);
	return store;
}

MODULE_FIRMWARE(FILE_NAME);
