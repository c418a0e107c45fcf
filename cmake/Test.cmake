# SPDX-License-Identifier: Apache-2.0
# The test rings are ctest labels: unit (no I/O), module (real SQLite, simulated hardware), system (real programs, real TLS).
#
# Input made by others (published sets of pictures, JSON, HTTP, tables), where it is at hand; without it those tests are skipped.
set(RC_SHARED_DATA "$ENV{RC_SHARED_DATA}" CACHE PATH "Folder with sets of input made by others, for tests")
if(NOT RC_SHARED_DATA AND IS_DIRECTORY ${CMAKE_SOURCE_DIR}/../shared/data)
	set(RC_SHARED_DATA ${CMAKE_SOURCE_DIR}/../shared/data)
endif()

# rc_test(unit.base.codec SOURCES codec_test.c LINK modules [ON_POSTGRES | ONLY_POSTGRES]): a cmocka program; its name begins with its
# ring. With ON_POSTGRES it is run a second time, as <name>.postgres, beside a PostgreSQL (RC_TEST_POSTGRES says where); with
# ONLY_POSTGRES only so. Both engines run the same code of the server but for the driver; so only its own tests (module.db) do it
# under the sanitizers, too.
function(rc_test name)
	cmake_parse_arguments(T "ON_POSTGRES;ONLY_POSTGRES" "TIMEOUT" "SOURCES;LINK;ARGS" ${ARGN})
	string(REGEX MATCH "^[a-z]+" ring ${name})
	add_executable(${name} ${T_SOURCES})
	target_link_libraries(${name} PRIVATE ${T_LINK} rc_lib_cmocka)
	target_compile_definitions(${name} PRIVATE
		RC_TEST_VECTORS="${CMAKE_SOURCE_DIR}/tests/data/vectors" RC_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	if(NOT T_ONLY_POSTGRES)
		add_test(NAME ${name} COMMAND ${name} ${T_ARGS})
		rc_test_settings(${name} ${ring} "${T_TIMEOUT}")
	endif()
	if(T_ON_POSTGRES OR T_ONLY_POSTGRES)
		rc_postgres_test(${name} ${ring} "${T_TIMEOUT}" $<TARGET_FILE:${name}> ${T_ARGS})
	endif()
endfunction()

# rc_system_test(system.sync SCRIPT sync_test.py [TIMEOUT s] [ON_POSTGRES | LONG_ON_POSTGRES]): Python's unittest around the real
# programs; with ON_POSTGRES a second time, as <name>.postgres, with servers on a PostgreSQL. What takes minutes and differs little by
# the engine does so in the ring `long` (./dev test --long). NO_SANITIZER leaves it out of those builds, where other tests run the
# same code.
function(rc_system_test name)
	cmake_parse_arguments(T "ON_POSTGRES;LONG_ON_POSTGRES;NO_SANITIZER" "SCRIPT;TIMEOUT" "" ${ARGN})
	string(REGEX MATCH "^[a-z]+" ring ${name})
	if(T_NO_SANITIZER AND RC_SANITIZE)
		return()
	endif()
	add_test(NAME ${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${T_SCRIPT})
	rc_test_settings(${name} ${ring} "${T_TIMEOUT}")
	if(T_LONG_ON_POSTGRES)
		set(ring long)
	endif()
	if(T_ON_POSTGRES OR T_LONG_ON_POSTGRES)
		rc_postgres_test(${name} ${ring} "${T_TIMEOUT}" /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${T_SCRIPT})
	endif()
endfunction()

# The second run. All of one ctest run share a cluster: starting one costs seconds, a database in it a tenth of one.
function(rc_postgres_test name ring timeout)
	if(RC_SANITIZE AND NOT name MATCHES "^module\\.db\\.")
		return()
	endif()
	set(postgres /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/sim/postgres/postgres.py)
	add_test(NAME ${name}.postgres COMMAND ${postgres} ${ARGN})
	rc_test_settings(${name}.postgres ${ring} "${timeout}")
	set_tests_properties(${name}.postgres PROPERTIES FIXTURES_REQUIRED postgres)
endfunction()

function(rc_test_settings name ring timeout)
	if(NOT timeout)
		set(timeout 120)
	endif()
	set(asan detect_stack_use_after_return=1)
	if(name MATCHES "^system\\.screen")
		string(APPEND asan ":detect_leaks=0") # GTK ends without taking its windows and fonts apart
	endif()
	set(tools ${CMAKE_SOURCE_DIR}/tests/tools) # tap_unittest.py for scripts, lsan.supp for sanitizers
	# What may take longest begins first, so that no core waits for it in the end.
	set_tests_properties(${name} PROPERTIES LABELS ${ring} TIMEOUT ${timeout} COST ${timeout} ENVIRONMENT
		"CMOCKA_MESSAGE_OUTPUT=TAP;RC_BIN=${CMAKE_BINARY_DIR}/bin;RC_SOURCE=${CMAKE_SOURCE_DIR};RC_SANITIZE=${RC_SANITIZE};RC_SHARED_DATA=${RC_SHARED_DATA};ASAN_OPTIONS=${asan};LSAN_OPTIONS=suppressions=${tools}/lsan.supp:print_suppressions=0;TSAN_OPTIONS=suppressions=${tools}/tsan.supp;UBSAN_OPTIONS=print_stacktrace=1;PYTHONPATH=${tools};PYTHONDONTWRITEBYTECODE=1")
endfunction()

# rc_fuzz(fact_line SOURCES fact_line_fuzz.c LINK modules [SEEDS folder]): under the fuzz preset a libFuzzer program; in every
# other preset the same entry point, run once over each file of its seeds as a unit test.
function(rc_fuzz name)
	cmake_parse_arguments(F "" "SEEDS" "SOURCES;LINK" ${ARGN})
	if(NOT F_SEEDS)
		set(F_SEEDS ${CMAKE_SOURCE_DIR}/tests/fuzz/seeds/${name})
	endif()
	if(RC_FUZZ)
		add_executable(fuzz.${name} ${F_SOURCES})
		target_link_options(fuzz.${name} PRIVATE -fsanitize=fuzzer)
	else()
		add_executable(fuzz.${name} ${F_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c)
		add_test(NAME unit.fuzz.${name} COMMAND fuzz.${name} ${F_SEEDS})
		rc_test_settings(unit.fuzz.${name} unit 120)
	endif()
	target_link_libraries(fuzz.${name} PRIVATE ${F_LINK})
	set_target_properties(fuzz.${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()
