/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family "regdom": 802.11 regulatory domains.
 *
 * The module keeps a database of domains (by country), one domain in force for
 * all radios (the global one), and, for each radio that was given its own, one
 * that is in force there instead. Every radio (wiphy) in the machine obeys the
 * domain in force for it: its channels carry the domain's limits, and an
 * interface that transmits where the domain forbids it is stopped.
 *
 * Reading needs no privilege. A process reads and sets the radios of its own
 * network namespace. Commands marked [admin] need CAP_NET_ADMIN in the initial
 * user namespace. The module looks itself: the controller of generic netlink
 * (CTRL_CMD_GETFAMILY) shows GENL_ADMIN_PERM for GET_AUDIT alone. Messages are
 * checked strictly: an attribute that the command does not take, that is
 * malformed, or that has flags is refused. Each refusal has a text in the
 * extended acknowledgement.
 *
 * Errors of every command:
 *	EINVAL	a malformed message, or an attribute that is missing, not taken
 *		by the command, or of a value that has no meaning
 *	ERANGE	an attribute whose length is wrong; but EINVAL if it is a number
 *	EOPNOTSUPP no such command, or not in this mode (do, dump)
 *	EPERM	an [admin] command without the privilege
 *	ENOMEM	out of memory; nothing was changed
 */
#ifndef _UAPI_REGDOM_H
#define _UAPI_REGDOM_H

#define REGDOM_GENL_NAME	"regdom"
#define REGDOM_GENL_VERSION	1

/*
 * Multicast groups. Each event carries REGDOM_ATTR_GENERATION. Events about
 * radios go to the network namespace of the radio, others to the initial one.
 * A listener that is too slow, or to whose group an event could not be sent
 * for want of memory, gets ENOBUFS from its socket, and reads the state again.
 */
/* REGDOM_CMD_DOMAIN_CHANGED, REGDOM_CMD_DOMAIN_PROPOSED */
#define REGDOM_GROUP_DOMAIN	"domain"
/* REGDOM_CMD_IFACE_STOPPED, _IFACE_NOTICED, _PHY_OVERRIDDEN */
#define REGDOM_GROUP_ENFORCE	"enforce"
#define REGDOM_GROUP_DB		"db"		/* REGDOM_CMD_DB_LOADED */
#define REGDOM_GROUP_AUDIT	"audit"		/* REGDOM_CMD_AUDITED */

#define REGDOM_AUDIT_ENTRIES	1024	/* decisions that are kept */
#define REGDOM_AUDIT_DENIED_MAX	64	/* of them, REGDOM_AUDIT_DENIED */

#define REGDOM_AIR_QUORUM_MAX	32	/* of REGDOM_ATTR_AIR_QUORUM */
#define REGDOM_AIR_HOLD_S_MAX	3600	/* of REGDOM_ATTR_AIR_HOLD_S */

#define REGDOM_GRACE_S_MAX	30	/* of REGDOM_ATTR_GRACE_S */

/* of REGDOM_ATTR_GAIN_MBI in REGDOM_CMD_SET_DEVICE, above and below 0: 100 dBi */
#define REGDOM_GAIN_MBI_MAX	10000

#define REGDOM_SETTINGS_MAX	256	/* of REGDOM_ATTR_SETTINGS */

#define REGDOM_REASON_MAX	63	/* bytes of REGDOM_ATTR_REASON */
#define REGDOM_PHY_NAME_MAX	63	/* bytes of REGDOM_ATTR_PHY */

enum regdom_commands {
	REGDOM_CMD_UNSPEC,

	/*
	 * do: what is in force and what is loaded. Takes nothing; answers
	 * VERSION, GENERATION, ALPHA2, DFS_REGION, DB_SOURCE, perhaps
	 * DB_SIGNED, DB_BYTES, DB_COUNTRIES, DB_DOMAINS, DB_RULES, as far as the
	 * database says it (the extended format does) DB_SERIAL, DB_ISSUED_DAY,
	 * DB_EXPIRES_DAY, DB_ISSUER, LOAD_ERROR, after a refused load LOAD_WHY and
	 * LOAD_OFFSET, POLICY, if there is a ceiling for all radios CEILING,
	 * LOCK, if there is a list of those that are allowed COUNTRIES, AIR_MODE,
	 * AIR_QUORUM, AIR_HOLD_S, AIR_BEACONS, GRACE_S, PLACE unless it is
	 * REGDOM_PLACE_ANY, and CLASS, GAIN_MBI and LINK as far as they are said
	 * of all radios (SET_DEVICE).
	 */
	REGDOM_CMD_GET_INFO,

	/*
	 * dump: the countries of the database, in ascending order. Takes
	 * nothing; each message has ALPHA2, DFS_REGION, DB_RULES (the number
	 * of rules of this country for devices of which no class is said),
	 * OWN_CLASSES, if there are other rules for some classes, and GENERATION.
	 */
	REGDOM_CMD_GET_COUNTRIES,

	/*
	 * dump: the rules of one domain, in order. Takes ALPHA2: that country
	 * of the database, and with it CLASS, optional: for devices of that class,
	 * 0 or absent: of which none is said; or PHY: the domain in force for that
	 * radio; or neither: the global one; both within their ceilings and for the
	 * class that is said (SET_DEVICE). Each message has
	 * ALPHA2, DFS_REGION, GENERATION and the RULE_ attributes of one rule; of
	 * what is in force RULE_LIMIT_LAYERS and RULE_FLAG_LAYERS too, unless it
	 * is the country that was selected and no layer besides.
	 *	EINVAL	both ALPHA2 and PHY; or ALPHA2 is no country code; or
	 *		CLASS without ALPHA2
	 *	ERANGE	CLASS is not one of enum regdom_6ghz_class, nor 0
	 *	ENOENT	the database has no such country
	 *	ENODEV	no such radio in this network namespace
	 *	EOPNOTSUPP the radio is not managed (PHY_STATE)
	 */
	REGDOM_CMD_GET_RULES,

	/*
	 * dump: the radios of this network namespace, in the order in which
	 * they were found. Takes nothing; each message has PHY, PHY_STATE,
	 * GENERATION, and when the radio is managed ALPHA2, DFS_REGION, when
	 * this domain is its own PHY_OWN, POLICY, and when this policy is its
	 * own POLICY_OWN; OWNERSHIP; CEILING, if it has one of its own; LOCK, its own;
	 * COUNTRIES, if it has a list of its own; HEARD, if a country that is
	 * heard bounds it; AIR_MODE, AIR_QUORUM, AIR_HOLD_S, AIR_BEACONS,
	 * and AIR_OWN when
	 * these are its own; AIR_ELECTED, if it listens and one is; PLACE unless
	 * it is REGDOM_PLACE_ANY, and PLACE_OWN when that is its own; CLASS,
	 * GAIN_MBI and LINK as far as they are said of it, and DEVICE_OWN when
	 * they are its own. All are of one moment, whatever is set while the dump is
	 * read. ENOMEM.
	 */
	REGDOM_CMD_GET_PHYS,

	/*
	 * do [admin]: puts a domain in force: for all radios that have none of
	 * their own, or with PHY for that radio. Takes ALPHA2, or with PHY
	 * instead FOLLOW_GLOBAL: the radio gives up its own domain. REASON is
	 * optional, and is passed on in the event. When the command returns,
	 * the channels of every radio concerned are limited, interfaces on
	 * forbidden channels have been told to stop, and the power of the
	 * others has followed; where it has not within 250 ms, the extended
	 * acknowledgement has a text that says so. (The same goes for the other
	 * commands that change what is in force.) All or none: on an error the domain
	 * before is in force everywhere. Setting what is in force changes
	 * nothing and sends no event.
	 *	EINVAL	ALPHA2 is no country code; or neither or both of ALPHA2
	 *		and FOLLOW_GLOBAL; or FOLLOW_GLOBAL without PHY
	 *	ENOENT	the database has no such country
	 *	ENODEV	no such radio in this network namespace
	 *	EBUSY	it is locked (SET_LOCK)
	 *	EACCES	it is not on the list (SET_ALLOWED)
	 *	E2BIG	what it and its ceilings permit is more than 128 rules
	 */
	REGDOM_CMD_SET_DOMAIN,

	/*
	 * do [admin]: loads regulatory.db again from the firmware path, checks
	 * its signature (regulatory.db.p7s: PKCS#7, detached, DER) as the
	 * module's parameter sig= has it, then its bytes, and replaces the
	 * database at once. On an error the one before stays in force, and
	 * LOAD_WHY says more. REASON is optional, for the record, which of a
	 * file that is refused has LOAD_WHY in its place.
	 *	ENOENT	no such file; or no signature, and sig=require; or a
	 *		country in force is not in the file
	 *	EKEYREJECTED the signature is damaged, or is that of another file
	 *	ENOKEY	it is good, but by nobody whom the module knows
	 *	EKEYREVOKED it is good, but by a signer whom revoked= names
	 *	ENOPKG	it needs an algorithm that the kernel lacks
	 *		(for want of memory its cryptography may say this,
	 *		EKEYREJECTED or ENOKEY)
	 *	EFBIG	the file is too large, or its signature
	 *	EINVAL	it is empty, or not a regular file, or its signature is
	 *	EPROTONOSUPPORT not a database, or not of a known version
	 *	EBADMSG	the file is malformed: see LOAD_WHY and LOAD_OFFSET
	 *	ESTALE	its serial number is lower than that of the database before,
	 *		or than the module's parameter min_serial=; one without
	 *		(format 20) is lower than any
	 *	E2BIG	what it and its ceilings permit is more than 128 rules
	 *	other	what the kernel's firmware loader said
	 */
	REGDOM_CMD_LOAD_DB,

	/*
	 * event: another domain, ceiling, place or device is in force. ALPHA2,
	 * DFS_REGION, GENERATION, perhaps CEILING, PLACE, CLASS, GAIN_MBI and
	 * LINK; PHY and perhaps PHY_OWN, HEARD, PLACE_OWN and DEVICE_OWN, when
	 * only for that radio, or when it is in another network namespace than
	 * the first; REASON, when the setter gave one.
	 */
	REGDOM_CMD_DOMAIN_CHANGED,

	/*
	 * event: an interface breaks the domain's rules and has been told to
	 * stop. PHY, IFINDEX, IFNAME, STOP_REASON, CENTER_KHZ (of its control
	 * channel), ALPHA2, GENERATION.
	 */
	REGDOM_CMD_IFACE_STOPPED,

	/*
	 * event, in the initial network namespace: the database was replaced.
	 * GENERATION, the DB_ attributes. In others DOMAIN_CHANGED is sent for each
	 * radio whose rules it has changed.
	 */
	REGDOM_CMD_DB_LOADED,

	/*
	 * do [admin]: what becomes of a user's request through nl80211 (`iw
	 * reg set`, hostapd's country_code=), of all of them or with PHY for
	 * that radio. Takes POLICY, or with PHY instead FOLLOW_GLOBAL: the
	 * radio gives up its own policy. REASON is optional, for the record.
	 * Answers: GET_INFO and GET_PHYS.
	 *
	 * A request moves the global domain as the global policy has it, and
	 * with it the radios that have neither a domain nor a policy of their
	 * own. A radio with a policy of its own takes what was requested as its
	 * own domain (REGDOM_POLICY_FOLLOW), or keeps the domain that it has,
	 * as its own where the global domain moves.
	 *	EINVAL	neither or both of POLICY and FOLLOW_GLOBAL; or
	 *		FOLLOW_GLOBAL without PHY
	 *	ERANGE	POLICY is none of enum regdom_policy
	 *	ENODEV	no such radio in this network namespace
	 */
	REGDOM_CMD_SET_POLICY,

	/*
	 * event, group "domain": a user requests a country that the database
	 * has, where the policy is to propose it. ALPHA2, DFS_REGION (of what
	 * is requested), GENERATION; PHY, when only for that radio.
	 */
	REGDOM_CMD_DOMAIN_PROPOSED,

	/*
	 * event, group "enforce": a driver has put another domain on a radio of
	 * ours. It has been undone; or, where the driver manages the limits of
	 * its radio itself, it is a layer now (REGDOM_LAYER_DRIVER); or, after
	 * the 10th time in 10 s, the radio is shut out (PHY_STATE). PHY,
	 * PHY_STATE, ALPHA2, DFS_REGION (in force), perhaps PHY_OWN, GENERATION.
	 */
	REGDOM_CMD_PHY_OVERRIDDEN,

	/*
	 * do [admin]: bounds what may come into force: on all radios, or with
	 * PHY on that one. From then on the domain in force is the intersection
	 * of the one selected (SET_DOMAIN) and the ceilings: it permits only
	 * what all of them permit. Takes ALPHA2, a country, or NO_CEILING.
	 * REASON is optional, and is passed on in the event, DOMAIN_CHANGED.
	 * All or none, as SET_DOMAIN.
	 *	EINVAL	ALPHA2 is no country code; or neither or both of ALPHA2
	 *		and NO_CEILING
	 *	ENOENT	the database has no such country
	 *	ENODEV	no such radio in this network namespace
	 *	EBUSY	the domain is locked (SET_LOCK)
	 *	E2BIG	the intersection has more than 128 rules
	 */
	REGDOM_CMD_SET_CEILING,

	/*
	 * dump: whether a transmission is permitted, and by whom. Takes
	 * CENTER_KHZ; of a radio (PHY), or else globally. What of WIDTH_KHZ,
	 * CENTER2_KHZ, USE, MODULATION, PLACE, LINK, CLASS, EIRP_MBM, GAIN_MBI
	 * and CONCURRENT is not said is as described there.
	 *
	 * Each message is what one layer says by itself: LAYER, ALPHA2 (but for
	 * the hardware and cfg80211), GENERATION, VERDICT, AT_KHZ (centre of the part that
	 * decides); if it is permitted CAC_MS and, if the power is limited,
	 * EIRP_MBM; and the RULE_ attributes of the rule that refuses, or that
	 * limits the power. The first is of REGDOM_LAYER_EFFECTIVE, and has
	 * LOCK: whether the domain may change, and IR_LIFTED if it is
	 * permitted only because beacons are heard there (SET_AIR).
	 *	EINVAL	CENTER_KHZ is missing
	 *	ERANGE	CLASS is not one of enum regdom_6ghz_class, nor 0
	 *	ENODEV	no such radio in this network namespace
	 *	EOPNOTSUPP the radio is not managed (PHY_STATE)
	 */
	REGDOM_CMD_JUDGE,

	/*
	 * dump [admin]: the record of decisions, in order. Takes AUDIT_SEQ,
	 * optional: the number of the first that is wanted, default 1. The
	 * module keeps the last REGDOM_AUDIT_ENTRIES; the numbers have no gaps,
	 * and where some before an entry have been overwritten AUDIT_LOST says
	 * how many. Each message has AUDIT_SEQ, AUDIT_BOOT_NS, AUDIT_WALL_NS,
	 * AUDIT_CAUSE, AUDIT_ERROR; of a process AUDIT_PID, AUDIT_UID,
	 * AUDIT_NETNS, AUDIT_COMM; PHY, when it is about one radio;
	 * AUDIT_BEFORE, the country in force before (of an override, what the
	 * driver had put there), and ALPHA2, that in force then (or asked for,
	 * where it was refused or the policy is not to follow); of a ceiling,
	 * that before, if there was one, and that then, empty: none; so of a
	 * country that is heard (REGDOM_AUDIT_HEARD); REASON, when there is
	 * one; of a policy POLICY, of SET_OWNERSHIP OWNERSHIP, of a place PLACE,
	 * unless the radio gave up its own; of SET_DEVICE, as far as it says
	 * them, CLASS, GAIN_MBI and LINK; of an interface that was stopped, or will be
	 * (REGDOM_AUDIT_NOTICE), IFINDEX, STOP_REASON and CENTER_KHZ; of the
	 * latter and of SET_GRACE GRACE_S; of a channel from which beacons have
	 * lifted NO_IR, or where it is back (REGDOM_AUDIT_BEACONS), CENTER_KHZ;
	 * of a change of what is in force AUDIT_RULES_BEFORE and, if it was not
	 * refused, AUDIT_RULES and AUDIT_RADIOS: none of them where the radio that
	 * it is about has no rules then (PHY_STATE); of
	 * LOAD_DB, as far as the file could be read, DB_SOURCE, DB_SIGNED and
	 * DB_SERIAL, and AUDIT_SERIAL_BEFORE;
	 * of a command without the privilege (REGDOM_AUDIT_DENIED) its name is
	 * the REASON, and of those no more than REGDOM_AUDIT_DENIED_MAX are kept:
	 * while there are so many, further ones are only counted (GET_STATS), and
	 * told to the kernel's log, ten a minute.
	 *	ERANGE	AUDIT_SEQ is 0
	 */
	REGDOM_CMD_GET_AUDIT,

	/*
	 * event, group "audit", which only an administrator can join, in the
	 * initial network namespace: a decision, as GET_AUDIT has it.
	 */
	REGDOM_CMD_AUDITED,

	/*
	 * do [admin]: locks the domain of all radios, or with PHY of that one,
	 * or unlocks it. Takes LOCK, and REASON for the record. While it is
	 * locked, neither a command nor a user's request through nl80211
	 * changes the country, the ceiling, the place or the device; a radio that
	 * is locked by itself keeps its country, as its own, where the global one changes. The
	 * rules of that country still are what the database says, within the
	 * ceiling of all radios. A radio that is registered anew is not locked,
	 * but has the global country.
	 *	EINVAL	LOCK is missing
	 *	ERANGE	LOCK is neither 0 nor 1
	 *	ENODEV	no such radio in this network namespace
	 */
	REGDOM_CMD_SET_LOCK,

	/*
	 * do [admin]: only these countries may be selected, for any radio, or
	 * with PHY for that one. Takes COUNTRIES or ANY_COUNTRY, and REASON for
	 * the record. A radio whose own list does not have a new global country
	 * keeps the one that it has, as its own.
	 *	EINVAL	neither or both of COUNTRIES and ANY_COUNTRY; or
	 *		COUNTRIES is no list of country codes
	 *	EACCES	a country that is in force is not on the list. Of a radio in
	 *		overlay (SET_OWNERSHIP), what cfg80211 has made of several
	 *		countries does not count: it is bounded then
	 *	ENODEV	no such radio in this network namespace
	 */
	REGDOM_CMD_SET_ALLOWED,

	/*
	 * do: how often what has happened since the module was loaded, on all
	 * radios of the machine. Takes nothing; answers STATS_DONE,
	 * STATS_REFUSED, STATS_APPLIED, STATS_APPLY_FAILED,
	 * STATS_POWER_FOLLOWED, STATS_EVENTS_LOST.
	 */
	REGDOM_CMD_GET_STATS,

	/*
	 * do [admin]: what becomes of the networks that radios hear, of all
	 * radios or with PHY of that one. Takes AIR_MODE, AIR_QUORUM, AIR_HOLD_S
	 * and AIR_BEACONS, each as far as it is to change, at least one; or with
	 * PHY instead FOLLOW_GLOBAL: the radio gives up its own policy. REASON
	 * for the record. A radio whose policy is changed begins with that of
	 * all. Answers: GET_INFO and GET_PHYS.
	 *
	 * Access points say in which country they are (the Country element). A
	 * radio that listens counts them, one vote for each that it has heard
	 * in the last 10 minutes: networks whose addresses agree in all but the
	 * first and the last byte are of one access point, whose last word
	 * counts; the machine's own, in the radio's network namespace, have no
	 * vote, nor has a country that the database lacks. The country that has
	 * more than half of the votes, and at least AIR_QUORUM, without
	 * interruption for AIR_HOLD_S, is elected; it stays so until another
	 * is, or until none has led for 10 minutes. Whoever sends many frames
	 * under many addresses wins. So an elected country is never selected:
	 * with REGDOM_AIR_TIGHTEN it bounds what is in force on the radio, as a
	 * ceiling does, whatever is locked, until another is elected or none.
	 *
	 * Where AIR_BEACONS is not 0, and the domain of the world is selected, a
	 * channel of 2.4 or 5 GHz on which so many access points are heard loses
	 * REGDOM_RULE_NO_IR on the radio that hears them, for 10 minutes after
	 * it has heard so many last, unless it is said by somebody else than the
	 * world (a ceiling, the driver, the hardware), or there is radar
	 * detection. An interface that has begun there is stopped when it ends.
	 *	EINVAL	neither or both of a policy and FOLLOW_GLOBAL; or
	 *		FOLLOW_GLOBAL without PHY
	 *	ERANGE	AIR_MODE is none of enum regdom_air_mode, AIR_QUORUM is
	 *		0 or above REGDOM_AIR_QUORUM_MAX, AIR_BEACONS is above
	 *		that, AIR_HOLD_S is above REGDOM_AIR_HOLD_S_MAX
	 *	ENODEV	no such radio in this network namespace
	 */
	REGDOM_CMD_SET_AIR,

	/*
	 * dump: the networks that the radios of this network namespace hear, 128
	 * a radio at most; none where nobody listens. Takes nothing; each
	 * message has PHY, AIR_BSSID, CENTER_KHZ, AIR_AGO_MS, GENERATION, ALPHA2
	 * when it names a country that counts, and AIR_COUNTS when it does
	 * still. It is not of one moment: where a network is forgotten meanwhile,
	 * another may be missing.
	 */
	REGDOM_CMD_GET_NETWORKS,

	/*
	 * do [admin]: how long an interface may stay on a channel that a change
	 * has just forbidden, on any radio: GRACE_S. REASON is optional, for the
	 * record. With 0, the default, it is stopped at once; else an event
	 * comes first (IFACE_NOTICED), so that whoever runs it can take it to
	 * another channel, and if it still is there when the time is over, it
	 * is stopped, within half a second. What begins meanwhile is refused at
	 * once. 0 ends the time of those that have some left.
	 *	EINVAL	GRACE_S is missing
	 *	ERANGE	it is above REGDOM_GRACE_S_MAX
	 */
	REGDOM_CMD_SET_GRACE,

	/*
	 * event, group "enforce": an interface is on a channel that is forbidden
	 * now, and will be stopped after GRACE_S. Else as IFACE_STOPPED.
	 */
	REGDOM_CMD_IFACE_NOTICED,

	/*
	 * do [admin]: where all radios are, or with PHY that one. Takes PLACE, or
	 * with PHY instead FOLLOW_GLOBAL: the radio is where all are. REASON is
	 * optional, and is passed on in the event, DOMAIN_CHANGED. Outdoors, no
	 * radio transmits under a rule with REGDOM_RULE_INDOOR, indoors none
	 * under one with REGDOM_RULE_OUTDOOR: their channels are forbidden. With
	 * REGDOM_PLACE_ANY, the default, whoever runs the radio is trusted to
	 * obey such rules. All or none, as SET_DOMAIN.
	 *	EINVAL	neither or both of PLACE and FOLLOW_GLOBAL; or
	 *		FOLLOW_GLOBAL without PHY
	 *	ERANGE	PLACE is none of enum regdom_place
	 *	ENODEV	no such radio in this network namespace
	 *	EBUSY	the domain is locked (SET_LOCK)
	 */
	REGDOM_CMD_SET_PLACE,

	/*
	 * do [admin]: several changes as one: all of them are in force when it
	 * returns, or none is, and no radio has been under some of them alone.
	 * Takes SETTINGS, up to REGDOM_SETTINGS_MAX nests. The type of each is a
	 * command, SET_DOMAIN, SET_CEILING, SET_PLACE or SET_DEVICE, and it holds
	 * what that takes. Of two that contradict each other the later holds. Locks and
	 * lists are asked about what the whole leads to. Each is recorded by
	 * itself, with the error of the whole; there is one event for each
	 * radio, or for all, that is concerned, with the last REASON given for
	 * it. Where a single one is to blame, the extended acknowledgement names
	 * its nest.
	 *	EINVAL	no SETTINGS, or a nest of another type, or as its command
	 *	EMSGSIZE more than REGDOM_SETTINGS_MAX
	 *	else	as its command
	 */
	REGDOM_CMD_SET_MANY,

	/*
	 * do [admin]: who decides about a radio (PHY): OWNERSHIP. REASON is
	 * optional, and is passed on in the event, DOMAIN_CHANGED. The module's
	 * parameter ownership= says it of radios that are found.
	 *
	 * With REGDOM_OWNERSHIP_OVERLAY the radio has the domain of cfg80211, as
	 * without this module: with users' requests, countries of access points,
	 * and what its driver asks for. What is set here is put upon it after
	 * each of its changes, and only takes away: the ceilings, a country of
	 * the radio's own (SET_DOMAIN with PHY), the one that is heard, the
	 * place, the device. The global country and the policy for requests do not concern
	 * it. While a lock or a list is against what cfg80211 has selected, the
	 * radio is bounded by the last of its countries that they were not
	 * against; by the world domain, where there was none or the database lacks
	 * it. Beacons lift no NO_IR. Limits of medium access (WMM) stay those of
	 * cfg80211's domain. Interfaces where it is forbidden to be are stopped, as
	 * everywhere, whoever has forbidden it. ALPHA2 and DFS_REGION in answers
	 * are the country of cfg80211's domain, or that which bounds the radio,
	 * and the region of what does; the rules are those that bound it.
	 *	EINVAL	PHY or OWNERSHIP is missing
	 *	ERANGE	OWNERSHIP is none of enum regdom_ownership
	 *	ENODEV	no such radio in this network namespace
	 *	EBUSY	the domain is locked (SET_LOCK); or cfg80211 has not answered for
	 *		seconds (overlay): to be tried again
	 *	EACCES	it would get a country that is not on the list (SET_ALLOWED)
	 *	EOPNOTSUPP its driver manages its limits itself; or the radio is
	 *		not managed, or shut out (PHY_STATE)
	 *	E2BIG	what it and its ceilings permit is more than 128 rules
	 */
	REGDOM_CMD_SET_OWNERSHIP,

	/*
	 * do [admin]: what all radios are, or with PHY that one. Takes, at least
	 * one of them, CLASS, GAIN_MBI and LINK, and what is not given is not
	 * said any more; or with PHY instead FOLLOW_GLOBAL: the radio is what all
	 * are. CLASS 0 alone: nothing is said, the default. REASON is optional,
	 * and is passed on in the event, DOMAIN_CHANGED.
	 *
	 * A radio transmits under a rule for classes only if it is of one of
	 * these, and under one with REGDOM_RULE_PTP only if its link is said to
	 * be REGDOM_LINK_PTP; then under none with REGDOM_RULE_PTMP. A rule that
	 * permits less gain than it has forbids. The power of its channels is
	 * what may be fed to its antenna: what the rule permits as EIRP to the
	 * link, to either where none is said, less the gain (less nothing, if
	 * that is below 0); and no more than what it permits to be fed to that. A
	 * channel where that is less than 0 dBm is forbidden. For a radio in
	 * overlay (SET_OWNERSHIP) this goes for the rules that bound it here;
	 * cfg80211's own are not reduced by it. All or none, as SET_DOMAIN.
	 *	EINVAL	neither or both of these and FOLLOW_GLOBAL; or
	 *		FOLLOW_GLOBAL without PHY
	 *	ERANGE	CLASS is not one of enum regdom_6ghz_class, nor 0; LINK is
	 *		none of enum regdom_link; GAIN_MBI is more than
	 *		REGDOM_GAIN_MBI_MAX from 0
	 *	ENODEV	no such radio in this network namespace
	 *	EBUSY	the domain is locked (SET_LOCK)
	 *	E2BIG	the laws for its class have more than 128 rules in common
	 */
	REGDOM_CMD_SET_DEVICE,

	__REGDOM_CMD_MAX
};
#define REGDOM_CMD_MAX (__REGDOM_CMD_MAX - 1)

enum regdom_attrs {
	REGDOM_ATTR_UNSPEC,
	REGDOM_ATTR_PAD,

	REGDOM_ATTR_VERSION,	/* string: version of the module */
	/*
	 * u32: counts changes of what is in force, of the database, and of the
	 * set of radios. Two answers with the same number belong together.
	 */
	REGDOM_ATTR_GENERATION,
	/*
	 * string of 2: ISO 3166-1 country code, two letters A to Z, or "00"
	 * for the world domain, which allows what is allowed nearly everywhere
	 */
	REGDOM_ATTR_ALPHA2,
	REGDOM_ATTR_DFS_REGION,	/* u8: enum regdom_dfs_region */
	/* string, 1 to REGDOM_PHY_NAME_MAX bytes: name of a radio, "phy0" */
	REGDOM_ATTR_PHY,
	REGDOM_ATTR_PHY_STATE,	/* u8: enum regdom_phy_state */
	REGDOM_ATTR_PHY_OWN,	/* flag: this domain is the radio's own */
	REGDOM_ATTR_FOLLOW_GLOBAL, /* flag: see REGDOM_CMD_SET_DOMAIN */
	/* string, 1 to REGDOM_REASON_MAX bytes: why, in the setter's words */
	REGDOM_ATTR_REASON,

	REGDOM_ATTR_RULE_START_KHZ,	/* u32: lower edge of the range */
	REGDOM_ATTR_RULE_END_KHZ,	/* u32: upper edge of the range */
	REGDOM_ATTR_RULE_MAX_BW_KHZ,	/* u32: widest channel */
	REGDOM_ATTR_RULE_MAX_EIRP_MBM,	/* s32: power, 1/100 dBm EIRP */
	REGDOM_ATTR_RULE_FLAGS,		/* u32: enum regdom_rule_flags */
	/*
	 * u32: how long to listen for radar before transmitting, in ms; 0: the
	 * standard's 60 s. Meaningful with REGDOM_RULE_DFS.
	 */
	REGDOM_ATTR_RULE_CAC_MS,
	/* flag: the rule limits medium access (WMM) as well */
	REGDOM_ATTR_RULE_WMM,

	REGDOM_ATTR_DB_SOURCE,		/* u8: enum regdom_db_source */
	REGDOM_ATTR_DB_BYTES,		/* u32: memory that it takes */
	REGDOM_ATTR_DB_COUNTRIES,	/* u32 */
	REGDOM_ATTR_DB_DOMAINS,		/* u32: countries share domains */
	REGDOM_ATTR_DB_RULES,		/* u32: domains share rules */
	REGDOM_ATTR_LOAD_ERROR,		/* u32: errno of the last load, 0: none */
	REGDOM_ATTR_LOAD_WHY,		/* string: what was wrong with the file */
	REGDOM_ATTR_LOAD_OFFSET,	/* u32: where in the file, in bytes */

	REGDOM_ATTR_IFINDEX,		/* u32: index of a network interface */
	REGDOM_ATTR_CENTER_KHZ,		/* u32: centre of a channel */
	REGDOM_ATTR_STOP_REASON,	/* u8: enum regdom_stop_reason */

	REGDOM_ATTR_DB_SIGNED,	/* flag: its signature was looked at, and is good */

	REGDOM_ATTR_POLICY,	/* u8: enum regdom_policy */
	REGDOM_ATTR_POLICY_OWN,	/* flag: this policy is the radio's own */

	/* Limits of a rule that few have; absent: there is no such limit. */
	REGDOM_ATTR_RULE_PTP_EIRP_MBM,	/* s32: power of a point-to-point link */
	REGDOM_ATTR_RULE_CONDUCTED_MBM,	/* s32: at the antenna's connector */
	REGDOM_ATTR_RULE_GAIN_MBI,	/* s32: gain of the antenna, 1/100 dBi */
	REGDOM_ATTR_RULE_PSD_MBM,	/* s32: EIRP in any 1 MHz */
	/*
	 * u32: how long to stay away from a channel where radar was seen, in
	 * ms; absent: the standard's 30 minutes
	 */
	REGDOM_ATTR_RULE_NOP_MS,
	REGDOM_ATTR_RULE_DUTY_PERMYRIAD, /* u32: share of the time, 1/10000 */
	/*
	 * u8: bits of enum regdom_6ghz_class, for which the rule is; no such
	 * bit, but others: for none
	 */
	REGDOM_ATTR_RULE_CLASSES,
	/*
	 * u8: by whose rules radar is looked for, bits 1 << enum
	 * regdom_dfs_region; absent: those of DFS_REGION
	 */
	REGDOM_ATTR_RULE_DFS_REGIONS,
	REGDOM_ATTR_RULE_LAW,		/* string: where it is written */

	/* string of 2: the country that bounds all radios, or this one */
	REGDOM_ATTR_CEILING,
	REGDOM_ATTR_NO_CEILING,		/* flag: see REGDOM_CMD_SET_CEILING */

	/* A transmission: see enum regdom_use and what follows it. */
	REGDOM_ATTR_WIDTH_KHZ,		/* u32: else 20000; of 80+80: 80000 */
	REGDOM_ATTR_CENTER2_KHZ,	/* u32: of the other half of 80+80 */
	REGDOM_ATTR_USE,		/* u8: else REGDOM_USE_AP */
	REGDOM_ATTR_MODULATION,		/* u8: else none in particular */
	/* u8: else where the radio is (SET_PLACE), or not judged */
	REGDOM_ATTR_PLACE,
	/*
	 * u8: else what the radio's is said to be (SET_DEVICE), or
	 * REGDOM_LINK_PTMP
	 */
	REGDOM_ATTR_LINK,
	/*
	 * u8: one of enum regdom_6ghz_class, 0: not judged; else what the radio
	 * is said to be, or not judged
	 */
	REGDOM_ATTR_CLASS,
	/* s32: power; when asked for: else not judged */
	REGDOM_ATTR_EIRP_MBM,
	/* s32: of the antenna, 1/100 dBi; else what is said of the radio's, or 0 */
	REGDOM_ATTR_GAIN_MBI,
	/* flag: the radio is a client of an access point on this channel too */
	REGDOM_ATTR_CONCURRENT,

	REGDOM_ATTR_LAYER,		/* u8: enum regdom_layer */
	REGDOM_ATTR_VERDICT,		/* u8: enum regdom_reason */
	REGDOM_ATTR_AT_KHZ,		/* u32: centre of a part of a channel */
	REGDOM_ATTR_CAC_MS,		/* u32: how long to look for radar first */

	REGDOM_ATTR_AUDIT_SEQ,	/* u64: number of a decision, from 1 */
	REGDOM_ATTR_AUDIT_LOST,	/* u64: how many before it were overwritten */
	REGDOM_ATTR_AUDIT_BOOT_NS,	/* u64: when, since the machine's start */
	REGDOM_ATTR_AUDIT_WALL_NS,	/* u64: when, since 1970 */
	REGDOM_ATTR_AUDIT_CAUSE,	/* u8: enum regdom_audit_cause */
	REGDOM_ATTR_AUDIT_ERROR,	/* u32: errno of the refusal, 0: none */
	/* u32: who, as the initial namespaces number them; none: the kernel */
	REGDOM_ATTR_AUDIT_PID,
	REGDOM_ATTR_AUDIT_UID,
	REGDOM_ATTR_AUDIT_NETNS,	/* u32: inode of its network namespace */
	REGDOM_ATTR_AUDIT_COMM,	/* string: its name, as it says itself */
	REGDOM_ATTR_AUDIT_BEFORE,	/* string: country, or ceiling, before */

	REGDOM_ATTR_LOCK,		/* u8: 1: locked, 0: not */
	/* string: codes of countries, ascending in answers: "DEFRUS" */
	REGDOM_ATTR_COUNTRIES,
	REGDOM_ATTR_ANY_COUNTRY,	/* flag: see REGDOM_CMD_SET_ALLOWED */

	/* arrays of u64 by enum regdom_audit_cause: decisions of each kind */
	REGDOM_ATTR_STATS_DONE,
	REGDOM_ATTR_STATS_REFUSED,
	REGDOM_ATTR_STATS_APPLIED,	/* u64: rules were put on a radio */
	REGDOM_ATTR_STATS_APPLY_FAILED,	/* u64: not, for want of memory */
	/* u64: the power of an interface was looked at after a change */
	REGDOM_ATTR_STATS_POWER_FOLLOWED,
	REGDOM_ATTR_STATS_EVENTS_LOST,	/* u64: for want of memory */

	REGDOM_ATTR_AIR_MODE,	/* u8: enum regdom_air_mode */
	/* u8, 1 to REGDOM_AIR_QUORUM_MAX: access points that must agree; else 2 */
	REGDOM_ATTR_AIR_QUORUM,
	/* u32, up to REGDOM_AIR_HOLD_S_MAX: for how long, in s; else 10 */
	REGDOM_ATTR_AIR_HOLD_S,
	REGDOM_ATTR_AIR_OWN,	/* flag: these are the radio's own */
	REGDOM_ATTR_AIR_ELECTED, /* string of 2: the country that is */
	REGDOM_ATTR_HEARD,	/* string of 2: country heard, that bounds it */
	REGDOM_ATTR_AIR_BSSID,	/* 6 bytes: address of a network */
	REGDOM_ATTR_AIR_AGO_MS,	/* u32: when it was last heard */
	REGDOM_ATTR_AIR_COUNTS,	/* flag: which is not too long ago */

	REGDOM_ATTR_GRACE_S,	/* u32, up to REGDOM_GRACE_S_MAX: time, in s */

	REGDOM_ATTR_PLACE_OWN,	/* flag: this place is the radio's own */

	/*
	 * u8, up to REGDOM_AIR_QUORUM_MAX: access points that must be heard on a
	 * channel for NO_IR to be lifted there; 0: none do, the default
	 */
	REGDOM_ATTR_AIR_BEACONS,
	REGDOM_ATTR_IR_LIFTED,	/* flag: NO_IR is lifted there, by beacons */

	REGDOM_ATTR_SETTINGS,	/* nests: see REGDOM_CMD_SET_MANY */

	/*
	 * string: wherever IFINDEX is: the name that the interface had then, in the
	 * namespace of its radio
	 */
	REGDOM_ATTR_IFNAME,

	/* What a database says of itself. */
	REGDOM_ATTR_DB_SERIAL,		/* u32: rises with each edition */
	REGDOM_ATTR_DB_ISSUED_DAY,	/* u32: days since 1970-01-01 */
	/* u32: the same; a newer one should be there then: this one holds on */
	REGDOM_ATTR_DB_EXPIRES_DAY,
	REGDOM_ATTR_DB_ISSUER,		/* string */
	REGDOM_ATTR_OWNERSHIP,	/* u8: enum regdom_ownership */

	REGDOM_ATTR_DEVICE_OWN,	/* flag: what the radio is, is said of it alone */

	/*
	 * Arrays of u16: bits 1 << enum regdom_layer of those layers of which each
	 * alone would make the limit (by enum regdom_limit), the flag (by the
	 * number of its bit in enum regdom_rule_flags) what it is. But of classes
	 * and of WMM, which are made of those of several, they are all that have
	 * a part in it; and a layer without a power for point to point of its own
	 * (EIRP_PTP) counts with its ordinary one. 0: there is no such limit, no
	 * such flag. IR_CONCURRENT and DFS_CONCURRENT permit: those that refuse
	 * them.
	 */
	REGDOM_ATTR_RULE_LIMIT_LAYERS,
	REGDOM_ATTR_RULE_FLAG_LAYERS,

	/*
	 * Arrays of u32, with RULE_WMM: for clients, and for access points; of each of
	 * enum regdom_wmm_category what enum regdom_wmm_limit names, one after the other.
	 */
	REGDOM_ATTR_RULE_WMM_CLIENT,
	REGDOM_ATTR_RULE_WMM_AP,

	/*
	 * u8: bits of enum regdom_6ghz_class, for which the country has other rules
	 * than for devices of which no class is said
	 */
	REGDOM_ATTR_OWN_CLASSES,

	/*
	 * u64: of the rules in force, of all radios or of that which a decision is
	 * about, a number by which they are known again: others have another one,
	 * unless somebody means them not to. Before the decision, and after. It is
	 * of the rules alone: with another place, link or antenna gain it stays the
	 * same, also where other limits are put on radios for that.
	 */
	REGDOM_ATTR_AUDIT_RULES_BEFORE,
	REGDOM_ATTR_AUDIT_RULES,
	/*
	 * u32: on how many radios rules were put, with all of a SET_MANY: where the
	 * rules, the country, the place or the device are others, or those that
	 * should have been there were still to be put there
	 */
	REGDOM_ATTR_AUDIT_RADIOS,
	REGDOM_ATTR_AUDIT_SERIAL_BEFORE, /* u32: DB_SERIAL of the database before */

	__REGDOM_ATTR_MAX
};
#define REGDOM_ATTR_MAX (__REGDOM_ATTR_MAX - 1)

enum regdom_rule_flags {
	REGDOM_RULE_NO_OFDM	= 1 << 0,	/* no OFDM modulation */
	REGDOM_RULE_INDOOR	= 1 << 1,	/* indoors only */
	REGDOM_RULE_DFS		= 1 << 2,	/* radar detection required */
	REGDOM_RULE_NO_IR	= 1 << 3,	/* may not initiate radiation */
	/* channels may span adjacent rules that have this flag */
	REGDOM_RULE_AUTO_BW	= 1 << 4,
	REGDOM_RULE_NO_CCK	= 1 << 5,	/* no CCK modulation (802.11b) */
	REGDOM_RULE_OUTDOOR	= 1 << 6,	/* outdoors only */
	REGDOM_RULE_PTP		= 1 << 7,	/* point to point only */
	REGDOM_RULE_PTMP	= 1 << 8,	/* point to multipoint only */
	REGDOM_RULE_NO_HT40MINUS = 1 << 9,
	REGDOM_RULE_NO_HT40PLUS	= 1 << 10,
	REGDOM_RULE_NO_80MHZ	= 1 << 11,
	REGDOM_RULE_NO_160MHZ	= 1 << 12,
	REGDOM_RULE_NO_320MHZ	= 1 << 13,
	REGDOM_RULE_NO_HE	= 1 << 14,	/* no 802.11ax */
	REGDOM_RULE_NO_EHT	= 1 << 15,	/* no 802.11be */
	/*
	 * These permit: they loosen NO_IR and DFS for a radio that is the
	 * client of an access point on the same channel.
	 */
	REGDOM_RULE_IR_CONCURRENT = 1 << 16,
	REGDOM_RULE_DFS_CONCURRENT = 1 << 17,
	/*
	 * No client of a very low power access point, and none of one of
	 * standard power, at 6 GHz. Only drivers say so, and cfg80211 sees to
	 * it, from Linux 6.9 on; no database can, and a verdict is silent.
	 */
	REGDOM_RULE_NO_VLP_CLIENT = 1 << 18,
	REGDOM_RULE_NO_SP_CLIENT = 1 << 19,
};

/*
 * What a device must be to use a rule at 6 GHz (FCC 15.407, ETSI EN 303 687);
 * values of a bit mask.
 */
enum regdom_6ghz_class {
	REGDOM_6GHZ_LPI		= 1 << 0,	/* low power, indoors */
	REGDOM_6GHZ_SP		= 1 << 1,	/* standard power, under AFC */
	REGDOM_6GHZ_VLP		= 1 << 2,	/* very low power, anywhere */
	/*
	 * under the control of an access point, whatever that is: under a rule
	 * for classes it does not initiate radiation, as with REGDOM_RULE_NO_IR
	 */
	REGDOM_6GHZ_CLIENT	= 1 << 3,
};

/*
 * A transmission, as far as rules look at it. What a use may do and what binds
 * it is described in docs/regdom-data.md, "What a domain permits".
 */
enum regdom_use {
	REGDOM_USE_LISTEN,	/* receives only: monitor, passive scan */
	REGDOM_USE_STATION,	/* client of an access point (also P2P) */
	REGDOM_USE_SCAN,	/* active scan: probes without having heard anyone */
	REGDOM_USE_AP,		/* access point */
	REGDOM_USE_P2P_GO,	/* owner of a P2P group */
	REGDOM_USE_MESH,	/* mesh point */
	REGDOM_USE_IBSS,	/* ad hoc */
	REGDOM_USE_OCB,		/* outside the context of a BSS (802.11p) */
	REGDOM_USE_INJECT,	/* frames injected through a monitor */
	__REGDOM_USES
};

enum regdom_modulation {
	REGDOM_MODULATION_ANY,	/* not said: judged for none in particular */
	REGDOM_MODULATION_CCK,	/* DSSS and CCK (802.11, 802.11b) */
	REGDOM_MODULATION_OFDM,	/* 802.11a/g/n/ac/ah/ad */
	REGDOM_MODULATION_HE,	/* 802.11ax */
	REGDOM_MODULATION_EHT,	/* 802.11be */
	__REGDOM_MODULATIONS
};

enum regdom_place {
	REGDOM_PLACE_ANY,	/* not said: not judged */
	REGDOM_PLACE_INDOORS,
	REGDOM_PLACE_OUTDOORS,
	__REGDOM_PLACES
};

enum regdom_link {
	REGDOM_LINK_PTMP,	/* point to multipoint, an ordinary network */
	REGDOM_LINK_PTP,	/* fixed, point to point */
	__REGDOM_LINKS
};

/*
 * Why a domain does not permit a transmission. Of several reasons the one of
 * the lowest 20 MHz is given, and of those the first of this list.
 */
enum regdom_reason {
	REGDOM_PERMITTED,
	/*
	 * 802.11 has no such transmission: its width; halves of 80+80 that
	 * overlap or touch; CCK of other than 20 MHz; a value of no meaning
	 */
	REGDOM_WHY_NO_SUCH,
	REGDOM_WHY_NO_RULE,	/* no rule has room for it */
	REGDOM_WHY_WIDTH,	/* wider than the rule permits */
	REGDOM_WHY_MODULATION,	/* the rule forbids the modulation */
	REGDOM_WHY_NO_IR,	/* would transmit without having heard anyone */
	/*
	 * would transmit where radar has to be looked for first, and cannot:
	 * an active scan does not wait that long
	 */
	REGDOM_WHY_DFS,
	/*
	 * radar has to be looked for by the rules of a region that is unknown
	 * or not that of the radio, or by those of two regions
	 */
	REGDOM_WHY_DFS_REGION,
	REGDOM_WHY_INDOOR,	/* permitted indoors only */
	REGDOM_WHY_OUTDOOR,	/* permitted outdoors only */
	REGDOM_WHY_PTP,		/* permitted point to point only */
	REGDOM_WHY_PTMP,	/* permitted point to multipoint only */
	REGDOM_WHY_CLASS,	/* not for a device of this 6 GHz class */
	REGDOM_WHY_GAIN,	/* the antenna has more gain than permitted */
	REGDOM_WHY_POWER,	/* more power than permitted */
	__REGDOM_REASONS
};

/*
 * What of a rule limits. Of a rule that is an intersection, each limit and
 * each flag names the inputs that bind it.
 */
enum regdom_limit {
	REGDOM_LIMIT_START,	/* lower edge of the range */
	REGDOM_LIMIT_END,	/* upper edge */
	REGDOM_LIMIT_MAX_BW,	/* widest channel */
	REGDOM_LIMIT_EIRP,	/* power, point to multipoint */
	REGDOM_LIMIT_EIRP_PTP,	/* power, point to point */
	REGDOM_LIMIT_CONDUCTED,	/* power at the antenna's connector */
	REGDOM_LIMIT_GAIN,	/* gain of the antenna */
	REGDOM_LIMIT_PSD,	/* power in any 1 MHz */
	REGDOM_LIMIT_CAC,	/* how long to look for radar */
	REGDOM_LIMIT_NOP,	/* how long to stay away from radar */
	REGDOM_LIMIT_DUTY,	/* share of the time */
	REGDOM_LIMIT_CLASS,	/* classes of devices at 6 GHz */
	REGDOM_LIMIT_WMM,	/* medium access */
	__REGDOM_LIMITS
};

/* Access categories of medium access (802.11-2020, 10.2.3.2). */
enum regdom_wmm_category {
	REGDOM_WMM_VOICE,
	REGDOM_WMM_VIDEO,
	REGDOM_WMM_BEST_EFFORT,
	REGDOM_WMM_BACKGROUND,
	__REGDOM_WMM_CATEGORIES
};

/* What of each is limited (802.11-2020, 9.4.2.28). */
enum regdom_wmm_limit {
	REGDOM_WMM_CW_MIN,	/* contention window, at least; 2^n - 1 */
	REGDOM_WMM_CW_MAX,
	REGDOM_WMM_AIFSN,	/* at least */
	REGDOM_WMM_COT_US,	/* longest channel occupancy, us */
	__REGDOM_WMM_LIMITS
};

/* Whose rules for radar detection apply. */
enum regdom_dfs_region {
	REGDOM_DFS_NONE,
	REGDOM_DFS_FCC,
	REGDOM_DFS_ETSI,
	REGDOM_DFS_JP,
};

/* What the domain in force for a radio is made of. */
enum regdom_layer {
	REGDOM_LAYER_EFFECTIVE,	/* all of it */
	REGDOM_LAYER_SELECTED,	/* the country that was set */
	REGDOM_LAYER_CEILING,	/* the ceiling of all radios */
	REGDOM_LAYER_PHY_CEILING, /* its own ceiling */
	/*
	 * what the radio can do, and what its driver lets it do, whichever
	 * domain is in force
	 */
	REGDOM_LAYER_HARDWARE,
	/*
	 * the domain that its driver made for it, at its start or at any time
	 * since, or that of the country that its driver is strict about; ALPHA2
	 * is what the driver calls it
	 */
	REGDOM_LAYER_DRIVER,
	REGDOM_LAYER_HEARD,	/* the country that is heard on the air */
	/*
	 * of a radio in overlay, in place of HARDWARE: what its channels are left
	 * with, of which cfg80211's domain, its driver's and the hardware's limits
	 * are part, and all other layers
	 */
	REGDOM_LAYER_CFG80211,
	__REGDOM_LAYERS
};

enum regdom_db_source {
	REGDOM_DB_BUILTIN,	/* the world domain that is part of the module */
	REGDOM_DB_V20,		/* regulatory.db, format 20 */
	REGDOM_DB_EXT,		/* the extended format, regdom.db(5) */
};

/* What a decision was about. */
enum regdom_audit_cause {
	REGDOM_AUDIT_SET_DOMAIN,	/* REGDOM_CMD_SET_DOMAIN */
	REGDOM_AUDIT_SET_POLICY,	/* REGDOM_CMD_SET_POLICY */
	REGDOM_AUDIT_LOAD_DB,		/* REGDOM_CMD_LOAD_DB, or the module's start */
	REGDOM_AUDIT_REQUEST,		/* a user's request through nl80211 */
	REGDOM_AUDIT_RADIO,		/* a radio was registered */
	REGDOM_AUDIT_OVERRIDE,		/* a driver's domain was undone */
	REGDOM_AUDIT_QUARANTINE,	/* a fighting driver was shut out */
	REGDOM_AUDIT_STOPPED,		/* an interface was told to stop */
	REGDOM_AUDIT_SET_CEILING,	/* REGDOM_CMD_SET_CEILING */
	REGDOM_AUDIT_LOCK,		/* REGDOM_CMD_SET_LOCK */
	REGDOM_AUDIT_UNLOCK,		/* the same */
	REGDOM_AUDIT_SET_ALLOWED,	/* REGDOM_CMD_SET_ALLOWED */
	REGDOM_AUDIT_SET_AIR,		/* REGDOM_CMD_SET_AIR */
	REGDOM_AUDIT_HEARD,		/* another country bounds, or none */
	REGDOM_AUDIT_SET_GRACE,		/* REGDOM_CMD_SET_GRACE */
	REGDOM_AUDIT_NOTICE,		/* an interface will have to stop */
	REGDOM_AUDIT_SET_PLACE,		/* REGDOM_CMD_SET_PLACE */
	REGDOM_AUDIT_BEACONS,		/* NO_IR was lifted from a channel, or is back */
	REGDOM_AUDIT_SET_OWNERSHIP,	/* REGDOM_CMD_SET_OWNERSHIP */
	REGDOM_AUDIT_SET_DEVICE,	/* REGDOM_CMD_SET_DEVICE */
	REGDOM_AUDIT_DENIED,		/* an [admin] command without the privilege */
	__REGDOM_AUDIT_CAUSES
};

enum regdom_stop_reason {
	REGDOM_STOP_CHANNEL,	/* its channel is forbidden */
	/* it has more power than its channel allows, and does not lower it */
	REGDOM_STOP_POWER,
	/*
	 * it looks for radar by the rules of another region, or where it may
	 * not start (no CENTER_KHZ): it has been taken down
	 */
	REGDOM_STOP_CHECK,
};

/* What becomes of a user's request through nl80211 for a country. */
enum regdom_policy {
	/* it comes into force, when the database has it; the default */
	REGDOM_POLICY_FOLLOW,
	REGDOM_POLICY_IGNORE,	/* nothing */
	REGDOM_POLICY_PROPOSE,	/* nothing but REGDOM_CMD_DOMAIN_PROPOSED */
};

/* What becomes of the countries that the networks around a radio name. */
enum regdom_air_mode {
	REGDOM_AIR_OFF,		/* nothing: it does not listen; the default */
	REGDOM_AIR_OBSERVE,	/* it listens, and tells (GET_NETWORKS) */
	REGDOM_AIR_TIGHTEN,	/* the one that is elected bounds the radio */
};

/* Who decides about a radio. */
enum regdom_ownership {
	REGDOM_OWNERSHIP_AUTHORITY,	/* this module; the default */
	REGDOM_OWNERSHIP_OVERLAY,	/* cfg80211, and this module only tightens */
};

enum regdom_phy_state {
	REGDOM_PHY_MANAGED,	/* obeys the domain in force */
	/*
	 * out of memory: cfg80211's own limits hold; being tried again. Or its
	 * driver, which is strict about its own domain, has yet to name it (for
	 * 2 s at most): then no channel may be used. (1 is not used any more.)
	 */
	REGDOM_PHY_PENDING = 2,
	/*
	 * its driver kept overriding the domain in force: all its channels are
	 * forbidden until the driver is loaded again
	 */
	REGDOM_PHY_QUARANTINED,
};

#endif
