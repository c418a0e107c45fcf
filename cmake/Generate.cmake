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

set(RC_SQL_GENERATOR ${CMAKE_CURRENT_LIST_DIR}/generate_sql.py)

# rc_sql(<target> PREFIX attendance [QUERIES queries.sql …] [SCHEMA schema/*.sql …] [HEADER statements] [PLACES])
#
# Turns neutral SQL of the calling folder into "<area>/<module>_sql/statements.h" and .c, linked to <target>. Statement x becomes
# rc_sql_x, all of them rc_sql_<prefix>_all[] and rc_sql_<prefix>_count, the schema rc_sql_<prefix>_migrations[]. With PLACES the
# statements are one array, rc_sql_<prefix>_statements[], x is the place RC_SQL_<PREFIX>_<X> in it, and SQLite is the only engine. HEADER is for a folder
# that calls this twice. Queries below server/ are prepared and looked at for full scans by unit.sql.statements without more ado.
function(rc_sql target)
	cmake_parse_arguments(S "PLACES" "PREFIX;HEADER" "QUERIES;SCHEMA" ${ARGN})
	if(NOT S_HEADER)
		set(S_HEADER statements)
	endif()
	file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
	rc_sql_paths(queries ${S_QUERIES})
	rc_sql_paths(schema ${S_SCHEMA})
	set(made ${target}_sql)
	if(NOT S_HEADER STREQUAL "statements")
		string(APPEND made _${S_HEADER})
	endif()
	set(root ${CMAKE_BINARY_DIR}/faces/${made})
	set(header ${path}_sql/${S_HEADER}.h)
	set(source ${root}/${path}_sql/${S_HEADER}.c)
	set(command /usr/bin/python3 ${RC_SQL_GENERATOR} --root ${CMAKE_SOURCE_DIR} --prefix ${S_PREFIX} --header ${header} --output ${root})
	if(S_PLACES)
		list(APPEND command --places)
	endif()
	add_custom_command(
		OUTPUT ${root}/${header} ${source}
		COMMAND ${command} --queries ${queries} --schema ${schema}
		DEPENDS ${RC_SQL_GENERATOR} ${queries} ${schema}
		COMMENT "SQL of ${path}" VERBATIM)
	# A library of its own, so that statements can be looked at without the module that runs them.
	add_library(${made} STATIC ${source} ${root}/${header})
	target_include_directories(${made} PUBLIC ${root})
	target_link_libraries(${made} PUBLIC rc_shared_sql)
	get_target_property(kind ${target} TYPE)
	if(kind STREQUAL "EXECUTABLE")
		target_link_libraries(${target} PRIVATE ${made})
	elseif(kind STREQUAL "INTERFACE_LIBRARY")
		target_link_libraries(${target} INTERFACE ${made})
	else()
		target_link_libraries(${target} PUBLIC ${made})
	endif()
	if(path MATCHES "^server/" AND queries)
		set_property(GLOBAL APPEND PROPERTY RC_SQL_OF_SERVER "${made}|${S_PREFIX}|${header}")
	endif()
endfunction()

# Absolute paths of files or patterns, in order of their names; a pattern that finds nothing is an error.
function(rc_sql_paths result)
	set(found "")
	foreach(pattern ${ARGN})
		cmake_path(ABSOLUTE_PATH pattern BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
		file(GLOB paths CONFIGURE_DEPENDS ${pattern})
		if(NOT paths)
			message(FATAL_ERROR "rc_sql: no file ${pattern}")
		endif()
		list(SORT paths)
		list(APPEND found ${paths})
	endforeach()
	set(${result} ${found} PARENT_SCOPE)
endfunction()
