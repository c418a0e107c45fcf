/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/cli/verbs.h"

#include "firmware/scanner/decode.h"
#include "shared/options/options.h"

#include <stdio.h>

int rc_kiosk_decode(const struct rc_options *options)
{
	/* The paths are only read; getopt-like signatures have no const. */
	return rc_scanner_decode_main((int)options->operand_count, (char **)options->operands, stdout);
}
