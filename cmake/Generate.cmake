# SPDX-License-Identifier: Apache-2.0
# Build-time generators. Each writes into the calling module's binary folder, which becomes part of its include root as
# "<area>/<name>_gen/…" so that generated headers are named like hand-written ones.
set(RC_GENERATED_ROOT ${CMAKE_BINARY_DIR}/generated)

# rc_generate_kinds(table folder): <folder>/kinds.h and kinds.c from the table of facts' bodies.
function(rc_generate_kinds table folder)
	set(script ${CMAKE_SOURCE_DIR}/cmake/generate_kinds.py)
	add_custom_command(OUTPUT ${folder}/kinds.h ${folder}/kinds.c
		COMMAND /usr/bin/python3 ${script} ${table} ${folder}
		DEPENDS ${table} ${script}
		COMMENT "Generating the bodies of facts"
		VERBATIM)
endfunction()
