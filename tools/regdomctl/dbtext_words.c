// SPDX-License-Identifier: GPL-2.0
#include "dbtext.h"

#include <time.h>

#include "regdom.h"

const struct dbtext_word dbtext_flags[] = {
	{ "NO-OFDM", REGDOM_RULE_NO_OFDM },
	{ "NO-OUTDOOR", REGDOM_RULE_INDOOR },
	{ "DFS", REGDOM_RULE_DFS },
	{ "NO-IR", REGDOM_RULE_NO_IR },
	{ "AUTO-BW", REGDOM_RULE_AUTO_BW },
	{ "NO-CCK", REGDOM_RULE_NO_CCK },
	{ "NO-INDOOR", REGDOM_RULE_OUTDOOR },
	{ "PTP-ONLY", REGDOM_RULE_PTP },
	{ "PTMP-ONLY", REGDOM_RULE_PTMP },
	{ "NO-HT40MINUS", REGDOM_RULE_NO_HT40MINUS },
	{ "NO-HT40PLUS", REGDOM_RULE_NO_HT40PLUS },
	{ "NO-80MHZ", REGDOM_RULE_NO_80MHZ },
	{ "NO-160MHZ", REGDOM_RULE_NO_160MHZ },
	{ "NO-320MHZ", REGDOM_RULE_NO_320MHZ },
	{ "NO-HE", REGDOM_RULE_NO_HE },
	{ "NO-EHT", REGDOM_RULE_NO_EHT },
	{ "IR-CONCURRENT", REGDOM_RULE_IR_CONCURRENT },
	{ "DFS-CONCURRENT", REGDOM_RULE_DFS_CONCURRENT },
	/* of drivers: in a database the parsers refuse them */
	{ "NO-VLP-CLIENT", REGDOM_RULE_NO_VLP_CLIENT },
	{ "NO-SP-CLIENT", REGDOM_RULE_NO_SP_CLIENT },
	{ NULL, 0 }
};

const struct dbtext_word dbtext_classes[] = {
	{ "LPI", REGDOM_6GHZ_LPI },
	{ "SP", REGDOM_6GHZ_SP },
	{ "VLP", REGDOM_6GHZ_VLP },
	{ "CLIENT", REGDOM_6GHZ_CLIENT },
	{ NULL, 0 }
};

const struct dbtext_word dbtext_regions[] = {
	{ "DFS-FCC", REGDOM_DFS_FCC },
	{ "DFS-ETSI", REGDOM_DFS_ETSI },
	{ "DFS-JP", REGDOM_DFS_JP },
	{ NULL, 0 }
};

void dbtext_date(char text[DBTEXT_DATE_BYTES], u32 day)
{
	time_t seconds = (time_t)day * 86400;
	struct tm date;

	gmtime_r(&seconds, &date);
	strftime(text, DBTEXT_DATE_BYTES, "%Y-%m-%d", &date);
}
