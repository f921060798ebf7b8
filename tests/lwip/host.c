// SPDX-License-Identifier: GPL-2.0
#include "tests/lwip/host.h"

#include <lwip/api.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <stdbool.h>

#define MTU		1500
#define CHUNK_BYTES	8192
#define PATTERN_BYTES	(1 << 20)

static struct {
	struct netif netif;
	void (*send)(void *context, const uint8_t *bytes, size_t size);
	void *context;
	struct netconn *listener;
} host;

static ip4_addr_t ip4(uint32_t address)
{
	return (ip4_addr_t){ .addr = lwip_htonl(address) };
}

static err_t output(struct netif *netif, struct pbuf *p, const ip4_addr_t *next_hop)
{
	uint8_t bytes[MTU];

	(void)netif;
	(void)next_hop;
	if (p->tot_len > sizeof(bytes))
		return ERR_BUF;
	pbuf_copy_partial(p, bytes, p->tot_len, 0);
	host.send(host.context, bytes, p->tot_len);
	return ERR_OK;
}

static err_t init(struct netif *netif)
{
	netif->name[0] = 't';
	netif->name[1] = 'r';
	netif->mtu = MTU;
	netif->output = output;
	return ERR_OK;
}

static void started(void *argument)
{
	sys_sem_signal(argument);
}

void lwip_host_start(uint32_t address, void (*send)(void *context, const uint8_t *bytes,
						    size_t size), void *context)
{
	ip4_addr_t own = ip4(address), mask = ip4(0xffffff00), none = ip4(0);
	sys_sem_t ready;

	host.send = send;
	host.context = context;
	sys_sem_new(&ready, 0);
	tcpip_init(started, &ready);
	sys_sem_wait(&ready);
	LOCK_TCPIP_CORE();
	netif_add(&host.netif, &own, &mask, &none, NULL, init, tcpip_input);
	netif_set_default(&host.netif);
	netif_set_link_up(&host.netif);
	netif_set_up(&host.netif);
	UNLOCK_TCPIP_CORE();
}

void lwip_host_input(const uint8_t *bytes, size_t size)
{
	/* those of its pool are shorter in Debian than it takes them to be */
	struct pbuf *p = pbuf_alloc(PBUF_RAW, size, PBUF_RAM);

	if (!p)
		return;
	pbuf_take(p, bytes, size);
	if (host.netif.input(p, &host.netif) != ERR_OK)
		pbuf_free(p);
}

uint8_t lwip_pattern(uint64_t offset)
{
	return offset % PATTERN_BYTES * 2654435761u >> 13;
}

int lwip_host_send(uint32_t to, uint16_t port, uint64_t total)
{
	struct netconn *c = netconn_new(NETCONN_TCP);
	ip_addr_t address = IPADDR4_INIT(lwip_htonl(to));
	uint8_t bytes[CHUNK_BYTES];
	err_t err = netconn_connect(c, &address, port);
	uint64_t done = 0;

	while (err == ERR_OK && done < total) {
		size_t size = total - done < sizeof(bytes) ? total - done : sizeof(bytes);

		for (size_t i = 0; i < size; i++)
			bytes[i] = lwip_pattern(done + i);
		err = netconn_write(c, bytes, size, NETCONN_COPY);
		done += size;
	}
	if (err == ERR_OK)
		err = netconn_close(c);
	netconn_delete(c);
	return err;
}

void lwip_host_listen(uint16_t port)
{
	host.listener = netconn_new(NETCONN_TCP);
	netconn_bind(host.listener, IP_ADDR_ANY, port);
	netconn_listen(host.listener);
}

/* All of it at its place? */
static bool is_right(struct netbuf *buf, uint64_t offset)
{
	uint8_t *bytes;
	u16_t size;

	do {
		netbuf_data(buf, (void **)&bytes, &size);
		for (u16_t i = 0; i < size; i++) {
			if (bytes[i] != lwip_pattern(offset++))
				return false;
		}
	} while (netbuf_next(buf) >= 0);
	return true;
}

int64_t lwip_host_receive(void)
{
	struct netconn *c;
	struct netbuf *buf;
	int64_t total = 0;
	bool right = true;
	err_t err = netconn_accept(host.listener, &c);

	if (err != ERR_OK)
		return -1;
	while (right && (err = netconn_recv(c, &buf)) == ERR_OK) {
		right = is_right(buf, total);
		total += netbuf_len(buf);
		netbuf_delete(buf);
	}
	netconn_delete(c);
	netconn_delete(host.listener);
	return right && err == ERR_CLSD ? total : -1;
}
