// SPDX-License-Identifier: GPL-2.0
#include "device.h"
#include "channel.h"
#include "deadline.h"
#include "kick.h"
#include "packet.h"
#include "port.h"
#include "receive.h"
#include "request.h"
#include "ring.h"
#include "send.h"

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <net/sock.h>

/*
 * Copies a structure that begins with its size from the user, by the rules
 * of the uapi header; *dst is as the caller's kernel knows it, and its size
 * field is what the user gave.
 */
static int fetch(void *dst, size_t known, size_t least, const void __user *arg)
{
	u32 size;
	int ret;

	if (get_user(size, (const u32 __user *)arg))
		return -EFAULT;
	if (size < least)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(dst, known, arg, size);
	if (ret)
		return ret;
	*(u32 *)dst = size;	/* another thread may have changed it since */
	return 0;
}

/*
 * Writes the structure back from offset `from` on. What the user's structure
 * has beyond ours is zero already, as fetch() has seen.
 */
static int store(void __user *arg, const void *src, size_t known, size_t from)
{
	u32 size = min_t(size_t, *(const u32 *)src, known);

	if (copy_to_user(arg + from, src + from, size - from))
		return -EFAULT;
	return 0;
}

static long do_query(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_query q;
	int ret = fetch(&q, sizeof(q), NETCHANNEL_QUERY_SIZE_0, arg);

	if (ret)
		return ret;
	q = (struct netchannel_query){
		.size = q.size,
		.abi_version = NETCHANNEL_ABI_VERSION,
		.types = 1 << NETCHANNEL_TYPE_COPY | 1 << NETCHANNEL_TYPE_RING,
		.formats = 1 << NETCHANNEL_FORMAT_PAYLOAD |
			   1 << NETCHANNEL_FORMAT_PACKET,
		.rx_bytes_min = NETCHANNEL_RX_BYTES_MIN,
		.rx_bytes_max = netchannel_rx_bytes_max(),
		.rx_bytes_default = netchannel_rx_bytes_default(),
		.payload_max = netchannel_payload_max(AF_INET, IPPROTO_UDP),
		.payload_max_ipv6 = netchannel_payload_max(AF_INET6, IPPROTO_UDP),
		.features = NETCHANNEL_FEATURE_TCP | NETCHANNEL_FEATURE_FAST,
	};
	return store(arg, &q, sizeof(q), sizeof(q.size));
}

static int tell_create(const struct netchannel_create *r, void __user *arg)
{
	return store(arg, r, sizeof(*r), 0);
}

static long do_create(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_create r;
	int ret = fetch(&r, sizeof(r), NETCHANNEL_CREATE_SIZE_0, arg);

	if (ret)
		return ret;
	return netchannel_create(ch, &r, tell_create, arg);
}

static bool is_nonblocking(const struct file *file, u32 flags)
{
	return file->f_flags & O_NONBLOCK || flags & NETCHANNEL_DONTWAIT;
}

static long do_send(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_send r;
	struct iov_iter from;
	int ret = fetch(&r, sizeof(r), NETCHANNEL_SEND_SIZE_0, arg);

	if (ret)
		return ret;
	ret = netchannel_check_send(&r, ch->format, netchannel_channel_family(ch),
				    netchannel_has_remote(ch));
	if (ret)
		return ret;
	if (r.len > NETCHANNEL_PACKET_BYTES_MAX)
		return -EMSGSIZE;
	ret = import_ubuf(ITER_SOURCE, u64_to_user_ptr(r.buf), r.len, &from);
	if (ret)
		return ret;
	netchannel_deadline_set(&deadline, is_nonblocking(file, r.flags),
				r.timeout_ns);
	return netchannel_send(ch, &from, &deadline, &r.remote);
}

static long do_kick(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_kick r;
	int ret = fetch(&r, sizeof(r), NETCHANNEL_KICK_SIZE_0, arg);

	if (ret)
		return ret;
	ret = netchannel_check_kick(&r);
	if (ret)
		return ret;
	if (!ch->ring)
		return -EOPNOTSUPP;
	netchannel_deadline_set(&deadline, is_nonblocking(file, r.flags), r.timeout_ns);
	return netchannel_kick(ch, r.flags & NETCHANNEL_WAIT, &deadline);
}

static int tell_recv(const struct netchannel_recv *r, void __user *arg)
{
	return store(arg, r, sizeof(*r), offsetof(struct netchannel_recv, len));
}

static long do_recv(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_recv r;
	struct iov_iter to;
	int ret = fetch(&r, sizeof(r), NETCHANNEL_RECV_SIZE_0, arg);

	if (ret)
		return ret;
	ret = netchannel_check_recv(&r);
	if (ret)
		return ret;
	if (ch->ring)
		return -EOPNOTSUPP;
	ret = import_ubuf(ITER_DEST, u64_to_user_ptr(r.buf), r.buf_len, &to);
	if (ret)
		return ret;
	netchannel_deadline_set(&deadline, is_nonblocking(file, r.flags),
				r.timeout_ns);
	return netchannel_recv(ch, &to, &deadline, &r, tell_recv, arg);
}

static long do_info(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_info info;
	int ret = fetch(&info, sizeof(info), NETCHANNEL_INFO_SIZE_0, arg);

	if (ret)
		return ret;
	info = (struct netchannel_info){ .size = info.size };
	netchannel_read_info(ch, &info);
	return store(arg, &info, sizeof(info), sizeof(info.size));
}

static long do_stats(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_stats stats;
	int ret = fetch(&stats, sizeof(stats), NETCHANNEL_STATS_SIZE_0, arg);

	if (ret)
		return ret;
	netchannel_read_stats(ch, &stats);
	return store(arg, &stats, sizeof(stats), sizeof(stats.size));
}

static long netchannel_ioctl(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	struct netchannel *ch = file->private_data;
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case NETCHANNEL_QUERY:
		return do_query(ch, file, p);
	case NETCHANNEL_CREATE:
		return do_create(ch, file, p);
	case NETCHANNEL_SEND:
	case NETCHANNEL_RECV:
	case NETCHANNEL_INFO:
	case NETCHANNEL_STATS:
	case NETCHANNEL_KICK:
		if (!netchannel_is_bound(ch))
			return -ENOTCONN;
		break;
	default:
		return -ENOTTY;
	}
	switch (cmd) {
	case NETCHANNEL_KICK:
		return do_kick(ch, file, p);
	case NETCHANNEL_SEND:
		return do_send(ch, file, p);
	case NETCHANNEL_RECV:
		return do_recv(ch, file, p);
	case NETCHANNEL_INFO:
		return do_info(ch, file, p);
	default:
		return do_stats(ch, file, p);
	}
}

static ssize_t netchannel_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct netchannel *ch = file->private_data;
	struct netchannel_deadline deadline;
	struct netchannel_recv r = { };
	size_t room = iov_iter_count(to);
	int ret;

	if (!netchannel_is_bound(ch))
		return -ENOTCONN;
	if (ch->ring)
		return -EOPNOTSUPP;
	netchannel_deadline_set(&deadline, is_nonblocking(file, 0) ||
				iocb->ki_flags & IOCB_NOWAIT, 0);
	ret = netchannel_recv(ch, to, &deadline, &r, NULL, NULL);
	return ret ?: min_t(size_t, r.len, room);
}

static ssize_t netchannel_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct netchannel *ch = file->private_data;
	struct netchannel_deadline deadline;
	size_t bytes = iov_iter_count(from);
	int ret;

	if (!netchannel_is_bound(ch))
		return -ENOTCONN;
	netchannel_deadline_set(&deadline, is_nonblocking(file, 0) ||
				iocb->ki_flags & IOCB_NOWAIT, 0);
	ret = netchannel_send(ch, from, &deadline, NULL);
	return ret ?: bytes;
}

static __poll_t netchannel_poll(struct file *file, poll_table *wait)
{
	struct netchannel *ch = file->private_data;
	__poll_t events = 0;

	/* CREATE wakes who is here before it */
	poll_wait(file, &ch->rx.wait, wait);
	if (!netchannel_is_bound(ch))
		return EPOLLERR;
	poll_wait(file, sk_sleep(ch->port->sk), wait);
	if (ch->ring ? !netchannel_ring_is_empty(ch->ring) : !netchannel_queue_is_empty(&ch->rx))
		events |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(ch->rx.error))
		events |= EPOLLERR;
	if (netchannel_has_room(ch))
		events |= EPOLLOUT | EPOLLWRNORM;
	return events;
}

static int netchannel_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct netchannel *ch = file->private_data;

	if (!netchannel_is_bound(ch))
		return -ENOTCONN;
	return ch->ring ? netchannel_ring_mmap(ch->ring, vma) : -ENODEV;
}

static int netchannel_open(struct inode *inode, struct file *file)
{
	struct netchannel *ch = netchannel_alloc();

	if (!ch)
		return -ENOMEM;
	file->private_data = ch;
	return stream_open(inode, file);
}

static int netchannel_release(struct inode *inode, struct file *file)
{
	netchannel_destroy(file->private_data);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = netchannel_open,
	.release = netchannel_release,
	.unlocked_ioctl = netchannel_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.read_iter = netchannel_read_iter,
	.write_iter = netchannel_write_iter,
	.poll = netchannel_poll,
	.mmap = netchannel_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "netchannel",
	.fops = &device_fops,
	.mode = 0666,	/* what a channel may do is decided when it is created */
};

int netchannel_device_register(void)
{
	return misc_register(&device);
}

void netchannel_device_unregister(void)
{
	misc_deregister(&device);
}
