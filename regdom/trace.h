/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: events/regdom in tracefs. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM regdom

#if !defined(REGDOM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define REGDOM_TRACE_H

#include <linux/tracepoint.h>

#include "audit.h"
#include "phy.h"

/* A decision, as it is recorded. */
TRACE_EVENT(regdom_decision,
	TP_PROTO(const struct regdom_audit_entry *decision),
	TP_ARGS(decision),
	TP_STRUCT__entry(
		__field(u64, seq)
		__field(u32, cause)
		__field(int, error)
		__field(u32, pid)
		__array(char, phy, 16)
		__array(char, before, 3)
		__array(char, after, 3)
		__field(int, ifindex)
		__field(u32, center_khz)
	),
	TP_fast_assign(
		__entry->seq = decision->seq;
		__entry->cause = decision->cause;
		__entry->error = decision->error;
		__entry->pid = decision->pid;
		strscpy(__entry->phy, decision->phy, sizeof(__entry->phy));
		memcpy(__entry->before, decision->before, 3);
		memcpy(__entry->after, decision->after, 3);
		__entry->ifindex = decision->ifindex;
		__entry->center_khz = decision->center_khz;
	),
	TP_printk("seq=%llu cause=%u error=%d pid=%u phy=%s before=%s after=%s ifindex=%d khz=%u",
		  __entry->seq, __entry->cause, __entry->error, __entry->pid,
		  __entry->phy, __entry->before, __entry->after,
		  __entry->ifindex, __entry->center_khz)
);

/* Rules are put on the channels of a radio. */
TRACE_EVENT(regdom_apply,
	TP_PROTO(const struct regdom_phy *phy,
		 const struct ieee80211_regdomain *rules, int error),
	TP_ARGS(phy, rules, error),
	TP_STRUCT__entry(
		__array(char, phy, 16)
		__array(char, alpha2, 3)
		__field(u32, n_rules)
		__field(int, error)
	),
	TP_fast_assign(
		strscpy(__entry->phy, wiphy_name(phy->wiphy),
			sizeof(__entry->phy));
		memcpy(__entry->alpha2, rules->alpha2, 2);
		__entry->alpha2[2] = 0;
		__entry->n_rules = rules->n_reg_rules;
		__entry->error = error;
	),
	TP_printk("phy=%s country=%s rules=%u error=%d", __entry->phy,
		  __entry->alpha2, __entry->n_rules, __entry->error)
);

/* The power of a running interface after a change of rules. */
TRACE_EVENT(regdom_power,
	TP_PROTO(int ifindex, s32 limit_mbm, s32 mbm, int error),
	TP_ARGS(ifindex, limit_mbm, mbm, error),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(s32, limit_mbm)
		__field(s32, mbm)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->limit_mbm = limit_mbm;
		__entry->mbm = mbm;
		__entry->error = error;
	),
	TP_printk("ifindex=%d limit_mbm=%d mbm=%d error=%d", __entry->ifindex,
		  __entry->limit_mbm, __entry->mbm, __entry->error)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
