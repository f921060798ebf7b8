// SPDX-License-Identifier: GPL-2.0
#include "list.h"
#include "channel.h"
#include "netns.h"
#include "packet.h"
#include "port.h"

#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/sock.h>

static void *list_start(struct seq_file *seq, loff_t *pos)
{
	struct netchannel_net *nn = netchannel_net(seq_file_net(seq));

	mutex_lock(&nn->lock);
	return seq_list_start_head(&nn->channels, *pos);
}

static void *list_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return seq_list_next(v, &netchannel_net(seq_file_net(seq))->channels, pos);
}

static void list_stop(struct seq_file *seq, void *v)
{
	mutex_unlock(&netchannel_net(seq_file_net(seq))->lock);
}

static void show_address(struct seq_file *seq, const struct in6_addr *addr,
			 __be16 port)
{
	if (!port)
		seq_puts(seq, "*:*");
	else if (netchannel_is_ipv4(addr))
		seq_printf(seq, "%pI4:%u", &addr->s6_addr32[3], ntohs(port));
	else
		seq_printf(seq, "[%pI6c]:%u", addr, ntohs(port));
}

static void show_protocol(struct seq_file *seq, u16 protocol)
{
	if (netchannel_has_ports(protocol))
		seq_puts(seq, protocol == IPPROTO_TCP ? "tcp " : "udp ");
	else
		seq_printf(seq, "%u ", protocol);
}

static void show_channel(struct seq_file *seq, struct netchannel *ch)
{
	struct netchannel_stats stats = { };

	netchannel_read_stats(ch, &stats);
	seq_printf(seq, "%llu ", ch->id);
	show_protocol(seq, ch->flow.protocol);
	show_address(seq, &ch->flow.local_addr, ch->flow.local_port);
	seq_putc(seq, ' ');
	show_address(seq, &ch->flow.remote_addr, ch->flow.remote_port);
	seq_printf(seq, " %u %llu %llu %llu %llu %llu %llu %d\n",
		   from_kuid_munged(seq_user_ns(seq), ch->port->sk->sk_uid),
		   netchannel_has_ring(ch) ? 0 : stats.rx_packets - stats.rx_read, stats.rx_packets,
		   stats.rx_bytes,
		   stats.rx_dropped_full + stats.rx_dropped_malformed +
		   stats.rx_dropped_checksum + stats.rx_dropped_policy,
		   stats.tx_packets, stats.tx_bytes, ch->ifindex);
}

static int list_show(struct seq_file *seq, void *v)
{
	if (v == &netchannel_net(seq_file_net(seq))->channels)
		seq_puts(seq, "id protocol local remote uid queued rx_packets rx_bytes rx_dropped tx_packets tx_bytes ifindex\n");
	else
		show_channel(seq, list_entry(v, struct netchannel, list));
	return 0;
}

static const struct seq_operations list_ops = {
	.start = list_start,
	.next = list_next,
	.stop = list_stop,
	.show = list_show,
};

int netchannel_list_create(struct net *net)
{
	if (!proc_create_net("netchannel", 0444, net->proc_net, &list_ops,
			     sizeof(struct seq_net_private)))
		return -ENOMEM;
	return 0;
}

void netchannel_list_remove(struct net *net)
{
	remove_proc_entry("netchannel", net->proc_net);
}
