// SPDX-License-Identifier: GPL-2.0
#include "candidate.h"

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/namei.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/utsname.h>

/* The loader's own parameter has as much room. */
#define DIR_BYTES 256
#define CUSTOM_DIR "/sys/module/firmware_class/parameters/path"

/* Files grow, and one that is built into the kernel, which is taken first, is not seen. */
#define ROOM_MIN_BYTES ((size_t)16384)

/* In the order of the loader, which looks for a compressed file last. */
static const char *const suffixes[] = { "", ".zst", ".xz" };

/* The root of the first process, in which the loader opens files. */
static void get_root(struct path *root)
{
	task_lock(&init_task);
	get_fs_root(init_task.fs, root);
	task_unlock(&init_task);
}

/* The directory that firmware_class.path= names, or "": none. Returns 0 or -ENOMEM. */
static int read_custom_dir(const struct path *root, char *dir)
{
	struct file *file = file_open_root(root, CUSTOM_DIR, O_RDONLY, 0);
	ssize_t bytes;
	loff_t pos = 0;

	dir[0] = 0;
	if (IS_ERR(file))
		return PTR_ERR(file) == -ENOMEM ? -ENOMEM : 0;
	bytes = kernel_read(file, dir, DIR_BYTES - 1, &pos);
	fput(file);
	dir[max_t(ssize_t, bytes, 0)] = 0;
	strreplace(dir, '\n', 0);
	return 0;
}

struct search {
	struct path root;
	size_t max_bytes;
	size_t largest_bytes;		/* of those that may be opened */
	char custom_dir[DIR_BYTES];
	char path[2 * DIR_BYTES];
};

/* Returns 1: it may be opened; 0: there is none; or as regdom_candidates_check(). */
static int check(struct search *s)
{
	const struct path *root = &s->root;
	const struct inode *inode;
	struct path found;
	int ret;

	ret = vfs_path_lookup(root->dentry, root->mnt, s->path, LOOKUP_FOLLOW, &found);
	if (ret)	/* of other errors the loader tells */
		return ret == -ENOMEM ? -ENOMEM : 0;
	inode = d_backing_inode(found.dentry);
	if (!S_ISREG(inode->i_mode))
		ret = -EINVAL;
	else if (i_size_read(inode) > s->max_bytes)
		ret = -EFBIG;
	else
		ret = 1;
	if (ret == 1)
		s->largest_bytes = max_t(size_t, s->largest_bytes, i_size_read(inode));
	path_put(&found);
	return ret;
}

/* The same of one directory; what has too long a name the loader does not find. */
static int check_in(struct search *s, const char *name, const char *suffix,
		    const char *dir, const char *release)
{
	if (snprintf(s->path, sizeof(s->path), "%s%s/%s%s", dir, release, name, suffix) >=
	    sizeof(s->path))
		return 0;
	return check(s);
}

static int check_all(struct search *s, const char *name, const char *suffix)
{
	const char *release = init_utsname()->release;
	const struct {
		const char *dir, *release;
	} dirs[] = {
		{ s->custom_dir, "" },
		{ "/lib/firmware/updates/", release },
		{ "/lib/firmware/updates", "" },
		{ "/lib/firmware/", release },
		{ "/lib/firmware", "" },
	};
	unsigned int i;
	int found = 0;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		int ret = dirs[i].dir[0] ?
			  check_in(s, name, suffix, dirs[i].dir, dirs[i].release) : 0;

		if (ret < 0)
			return ret;
		found |= ret;
	}
	return found;
}

int regdom_candidates_check(const char *name, size_t max_bytes, size_t *room_bytes)
{
	struct search *search = kmalloc(sizeof(*search), GFP_KERNEL);
	unsigned int i;
	int ret;

	*room_bytes = max_bytes;
	if (!search)
		return -ENOMEM;
	search->max_bytes = max_bytes;
	search->largest_bytes = 0;
	get_root(&search->root);
	ret = read_custom_dir(&search->root, search->custom_dir);
	for (i = 0; ret == 0 && i < ARRAY_SIZE(suffixes); i++)
		ret = check_all(search, name, suffixes[i]);
	/* how large a compressed one becomes is not known */
	if (ret > 0 && i == 1 && search->largest_bytes)
		*room_bytes = min(max_bytes, max(2 * search->largest_bytes, ROOM_MIN_BYTES));
	path_put(&search->root);
	kfree(search);
	return min(ret, 0);
}
