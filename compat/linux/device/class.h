/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Before 6.4 the callbacks of a class interface were given the interface as
 * well, and a class was not const.
 */
#ifndef COMPAT_LINUX_DEVICE_CLASS_H
#define COMPAT_LINUX_DEVICE_CLASS_H

#include_next <linux/device/class.h>
#include <linux/container_of.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
struct compat_class_interface {
	struct class_interface real;
	const struct class *class;
	int (*add_dev)(struct device *dev);
	void (*remove_dev)(struct device *dev);
};

static inline int compat_class_add(struct device *dev,
				   struct class_interface *real)
{
	return container_of(real, struct compat_class_interface,
			    real)->add_dev(dev);
}

static inline void compat_class_remove(struct device *dev,
				       struct class_interface *real)
{
	container_of(real, struct compat_class_interface,
		     real)->remove_dev(dev);
}

static inline int __must_check
compat_class_interface_register(struct compat_class_interface *ci)
{
	ci->real.class = (struct class *)ci->class;
	ci->real.add_dev = compat_class_add;
	ci->real.remove_dev = compat_class_remove;
	return class_interface_register(&ci->real);
}

static inline void
compat_class_interface_unregister(struct compat_class_interface *ci)
{
	class_interface_unregister(&ci->real);
}

static inline void
compat_class_dev_iter_init(struct class_dev_iter *iter, const struct class *class,
			   struct device *start, const struct device_type *type)
{
	class_dev_iter_init(iter, (struct class *)class, start, type);
}

#define class_dev_iter_init compat_class_dev_iter_init
#define class_interface compat_class_interface
#define class_interface_register compat_class_interface_register
#define class_interface_unregister compat_class_interface_unregister
#endif

#endif
