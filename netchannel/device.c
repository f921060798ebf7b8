// SPDX-License-Identifier: GPL-2.0
#include "device.h"
#include "channel.h"
#include "deadline.h"
#include "flight.h"
#include "kick.h"
#include "multicast.h"
#include "packet.h"
#include "readiness.h"
#include "receive.h"
#include "request.h"
#include "ring.h"
#include "send.h"
#include "transfer.h"
#include "uninitialized.h"
#include "user.h"

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

static long do_query(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_query q;
	int ret = netchannel_fetch(&q, sizeof(q), NETCHANNEL_QUERY_SIZE_0, arg);

	if (ret)
		return ret;
	q = (struct netchannel_query){
		.size = q.size,
		.abi_version = NETCHANNEL_ABI_VERSION,
		.types = 1 << NETCHANNEL_TYPE_COPY | 1 << NETCHANNEL_TYPE_RING |
			 1 << NETCHANNEL_TYPE_DISCARD | 1 << NETCHANNEL_TYPE_RAW |
			 1 << NETCHANNEL_TYPE_LISTEN | 1 << NETCHANNEL_TYPE_GROUP,
		.formats = 1 << NETCHANNEL_FORMAT_PAYLOAD |
			   1 << NETCHANNEL_FORMAT_PACKET,
		.rx_bytes_min = NETCHANNEL_RX_BYTES_MIN,
		.rx_bytes_max = netchannel_rx_bytes_max(),
		.rx_bytes_default = netchannel_rx_bytes_default(),
		.payload_max = netchannel_payload_max(AF_INET, IPPROTO_UDP),
		.payload_max_ipv6 = netchannel_payload_max(AF_INET6, IPPROTO_UDP),
		.features = NETCHANNEL_FEATURE_TCP | NETCHANNEL_FEATURE_FAST |
			    NETCHANNEL_FEATURE_MULTICAST | NETCHANNEL_FEATURE_ZEROCOPY |
			    NETCHANNEL_FEATURE_REUSEPORT | NETCHANNEL_FEATURE_METADATA |
			    NETCHANNEL_FEATURE_MESSAGES | NETCHANNEL_FEATURE_READINESS |
			    NETCHANNEL_FEATURE_GATHER | NETCHANNEL_FEATURE_MARK |
			    NETCHANNEL_FEATURE_APART | NETCHANNEL_FEATURE_LIKE,
	};
	return netchannel_store(arg, &q, sizeof(q), sizeof(q.size));
}

static int tell_create(const struct netchannel_create *r, void __user *arg)
{
	return netchannel_store(arg, r, sizeof(*r), 0);
}

/*
 * As by the maker's path, which is not looked up again: the device's mode, its cgroup's rules
 * and security modules are asked for who calls.
 */
static struct file *open_again(struct file *maker)
{
	int ret = file_permission(maker, MAY_OPEN | MAY_READ | MAY_WRITE);

	if (ret)
		return ERR_PTR(ret);
	if (maker->f_path.mnt->mnt_flags & MNT_NODEV)
		return ERR_PTR(-EACCES);
	return dentry_open(&maker->f_path, O_RDWR | (maker->f_flags & O_NONBLOCK),
			   current_cred());
}

/* With a descriptor of its own. Who was passed a channel has not been passed this. */
static long create_apart(struct netchannel *ch, struct file *maker,
			 struct netchannel_create *r, void __user *arg)
{
	struct file *file;
	int fd, ret;

	if (netchannel_is_bound(ch))
		return -EISCONN;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = open_again(maker);
	ret = PTR_ERR_OR_ZERO(file);
	if (ret)
		goto put_fd;
	ret = netchannel_create(file->private_data, r, tell_create, arg);
	if (ret)
		goto put_file;
	fd_install(fd, file);
	return fd;

put_file:
	fput(file);
put_fd:
	put_unused_fd(fd);
	return ret;
}

static long do_create(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_create r NETCHANNEL_UNINITIALIZED;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_CREATE_SIZE_0, arg);

	if (ret)
		return ret;
	if (r.flags & NETCHANNEL_APART)
		return create_apart(ch, file, &r, arg);
	return netchannel_create(ch, &r, tell_create, arg);
}

static int tell_accept(const struct netchannel_accept *r, void __user *arg)
{
	return netchannel_store(arg, r, sizeof(*r), offsetof(struct netchannel_accept, id));
}

/* The listener's file is held meanwhile: it may wait for long. */
static long accept_child(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_accept r;
	struct netchannel *listener;
	struct file *from;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_ACCEPT_SIZE_0, arg);

	if (ret)
		return ret;
	ret = netchannel_check_accept(&r);
	if (ret)
		return ret;
	from = netchannel_device_fget(r.listener);
	if (IS_ERR(from))
		return PTR_ERR(from);
	listener = from->private_data;
	ret = -EINVAL;
	if (!netchannel_is_bound(listener) || listener->type != NETCHANNEL_TYPE_LISTEN)
		goto put_file;
	netchannel_deadline_set(&deadline, from, r.flags & NETCHANNEL_DONTWAIT, r.timeout_ns);
	r.reserved_out = 0;
	ret = netchannel_accept(ch, listener, &r, &deadline, tell_accept, arg);
put_file:
	fput(from);
	return ret;
}

/* By the flags that the other file has now: it is not needed any more then. */
static int set_deadline_like(struct netchannel_deadline *d, const struct netchannel_kick *r)
{
	struct file *like = fget(r->like);

	if (!like)
		return -EBADF;
	netchannel_deadline_set(d, like, r->flags & NETCHANNEL_DONTWAIT, r->timeout_ns);
	fput(like);
	return 0;
}

/* Who cannot be told what is left is not to begin anew with all of it. */
static int kick(struct netchannel *ch, const struct netchannel_kick *r,
		const struct netchannel_deadline *deadline, u64 __user *left_ns)
{
	int ret = netchannel_kick(ch, r->flags & NETCHANNEL_WAIT, r->spin_ns, deadline);

	if (ret == -ERESTARTNOHAND && put_user(netchannel_deadline_left_ns(deadline), left_ns))
		return -EINTR;
	return ret;
}

static long do_kick(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_kick __user *user = arg;
	struct netchannel_deadline deadline NETCHANNEL_UNINITIALIZED;
	struct netchannel_kick r NETCHANNEL_UNINITIALIZED;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_KICK_SIZE_0, arg);

	if (ret)
		return ret;
	ret = netchannel_check_kick(&r);
	if (ret)
		return ret;
	if (!ch->ring)
		return -EOPNOTSUPP;
	if (r.flags & NETCHANNEL_LIKE)
		ret = set_deadline_like(&deadline, &r);
	else
		netchannel_deadline_set(&deadline, file, r.flags & NETCHANNEL_DONTWAIT,
					r.timeout_ns);
	if (ret)
		return ret;
	deadline.keeps_left = true;
	return kick(ch, &r, &deadline, &user->timeout_ns);
}

/* What was to be sent is, first: if it cannot, nothing was thrown away. */
static long do_drain(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_deadline deadline;
	struct netchannel_drain r;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_DRAIN_SIZE_0, arg);

	if (ret)
		return ret;
	ret = netchannel_check_drain(&r);
	if (ret)
		return ret;
	if (r.flags & NETCHANNEL_DRAIN_RX && !netchannel_has_queue(ch))
		return -EOPNOTSUPP;
	netchannel_deadline_set(&deadline, file, r.flags & NETCHANNEL_DONTWAIT, r.timeout_ns);
	if (r.flags & NETCHANNEL_DRAIN_TX)
		ret = netchannel_wait_for_sent(ch, &deadline);
	if (ret || !(r.flags & NETCHANNEL_DRAIN_RX))
		return ret;
	return netchannel_queue_drain(&ch->rx);
}

static long do_membership(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_membership r;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_MEMBERSHIP_SIZE_0, arg);

	ret = ret ?: netchannel_check_membership(&r, netchannel_channel_family(ch));
	return ret ?: netchannel_multicast_membership(ch, &r);
}

static long do_multicast(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_multicast r;
	int ret = netchannel_fetch(&r, sizeof(r), NETCHANNEL_MULTICAST_SIZE_0, arg);

	ret = ret ?: netchannel_check_multicast(&r);
	return ret ?: netchannel_multicast_set(ch, &r);
}

static long do_info(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_info info;
	int ret = netchannel_fetch(&info, sizeof(info), NETCHANNEL_INFO_SIZE_0, arg);

	if (ret)
		return ret;
	info = (struct netchannel_info){ .size = info.size };
	netchannel_read_info(ch, &info);
	return netchannel_store(arg, &info, sizeof(info), sizeof(info.size));
}

static long do_stats(struct netchannel *ch, struct file *file, void __user *arg)
{
	struct netchannel_stats stats;
	int ret = netchannel_fetch(&stats, sizeof(stats), NETCHANNEL_STATS_SIZE_0, arg);

	if (ret)
		return ret;
	stats = (struct netchannel_stats){ .size = stats.size };
	netchannel_read_stats(ch, &stats);
	return netchannel_store(arg, &stats, sizeof(stats), sizeof(stats.size));
}

static long netchannel_ioctl(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	struct netchannel *ch = file->private_data;
	void __user *p = (void __user *)arg;

	/* first, as compilers may not make a table of the others */
	if (likely(cmd == NETCHANNEL_KICK))
		return netchannel_is_bound(ch) ? do_kick(ch, file, p) : -ENOTCONN;
	switch (cmd) {
	case NETCHANNEL_QUERY:
		return do_query(ch, file, p);
	case NETCHANNEL_CREATE:
		return do_create(ch, file, p);
	case NETCHANNEL_CONTROL:
		return netchannel_do_control(ch, file, p);
	case NETCHANNEL_ACCEPT:
		return accept_child(ch, file, p);
	case NETCHANNEL_READINESS:
		return netchannel_readiness_open(ch, p);
	case NETCHANNEL_SEND:
	case NETCHANNEL_RECV:
	case NETCHANNEL_SENDV:
	case NETCHANNEL_RECVV:
	case NETCHANNEL_INFO:
	case NETCHANNEL_STATS:
	case NETCHANNEL_DRAIN:
	case NETCHANNEL_MEMBERSHIP:
	case NETCHANNEL_MULTICAST:
		if (!netchannel_is_bound(ch))
			return -ENOTCONN;
		break;
	default:
		return -ENOTTY;
	}
	switch (cmd) {
	case NETCHANNEL_DRAIN:
		return do_drain(ch, file, p);
	case NETCHANNEL_SEND:
		return netchannel_do_send(ch, file, p);
	case NETCHANNEL_RECV:
		return netchannel_do_recv(ch, file, p);
	case NETCHANNEL_SENDV:
		return netchannel_do_sendv(ch, file, p);
	case NETCHANNEL_RECVV:
		return netchannel_do_recvv(ch, file, p);
	case NETCHANNEL_MEMBERSHIP:
		return do_membership(ch, file, p);
	case NETCHANNEL_MULTICAST:
		return do_multicast(ch, file, p);
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
	if (!netchannel_has_queue(ch))
		return -EOPNOTSUPP;
	if (!room)	/* as of a socket: it neither waits nor takes */
		return 0;
	netchannel_deadline_set(&deadline, file, iocb->ki_flags & IOCB_NOWAIT, 0);
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
	netchannel_deadline_set(&deadline, file, iocb->ki_flags & IOCB_NOWAIT, 0);
	ret = netchannel_queue_take_error(&ch->rx);
	if (ret)
		return ret;
	ret = netchannel_send(ch, from, &deadline, NULL);
	return ret ?: bytes;
}

/* Who asks for room and finds none is told later, on rx.wait. */
static bool has_room(struct netchannel *ch, struct netchannel_flights *flights, __poll_t asked)
{
	if (flights && !netchannel_flights_have_room(flights))
		return false;
	return netchannel_has_room(ch) ||
	       (asked & (EPOLLOUT | EPOLLWRNORM) && netchannel_promise_room(ch));
}

static __poll_t netchannel_poll(struct file *file, poll_table *wait)
{
	struct netchannel *ch = file->private_data;
	struct netchannel_flights *flights;
	__poll_t events = 0;

	/* CREATE wakes who is here before it */
	poll_wait(file, &ch->rx.wait, wait);
	smp_mb();	/* pairs with wq_has_sleeper(): he is seen there, or sees what has come */
	if (!netchannel_is_bound(ch))
		return EPOLLERR;
	flights = ch->ring ? ch->ring->flights : NULL;
	if (flights)
		poll_wait(file, &flights->wait, wait);
	smp_mb();	/* as above: with those who say that something has landed */
	if (ch->ring ? !netchannel_ring_is_empty(ch->ring) : !netchannel_queue_is_empty(&ch->rx))
		events |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(ch->rx.error))
		events |= EPOLLERR;
	if (has_room(ch, flights, poll_requested_events(wait)))
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

/* SIGIO for what comes. For room to send there is poll(). */
static int netchannel_fasync(int fd, struct file *file, int on)
{
	struct netchannel *ch = file->private_data;

	return fasync_helper(fd, file, on, &ch->rx.fasync);
}

static int netchannel_release(struct inode *inode, struct file *file)
{
	netchannel_readiness_hang_up(file->private_data);
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
	.fasync = netchannel_fasync,
	.mmap = netchannel_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "netchannel",
	.fops = &device_fops,
	.mode = 0666,	/* what a channel may do is decided when it is created */
};

struct file *netchannel_device_fget(int fd)
{
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op == &device_fops)
		return file;
	fput(file);
	return ERR_PTR(-EINVAL);
}

int netchannel_device_register(void)
{
	return misc_register(&device);
}

void netchannel_device_unregister(void)
{
	misc_deregister(&device);
}
