# SPDX-License-Identifier: Apache-2.0
# rc_module(area/name SOURCES a.c … [LINK modules and rc_lib_* that its headers need] [PRIVATE what only its sources need])
#
# Makes the static library rc_<area>_<name> from the folder that calls it. Its headers are reached as "area/name/x.h", and
# only by targets that link it: each module has an include root of its own that holds nothing but its own folder.
function(rc_module path)
	cmake_parse_arguments(M "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
	string(REPLACE "/" "_" name "rc_${path}")
	if(M_SOURCES)
		add_library(${name} STATIC ${M_SOURCES})
		target_link_libraries(${name} PUBLIC ${M_LINK} PRIVATE ${M_PRIVATE})
		set(scope PUBLIC)
	else()
		add_library(${name} INTERFACE)
		target_link_libraries(${name} INTERFACE ${M_LINK})
		set(scope INTERFACE)
	endif()
	rc_face(${name} ${path} ${CMAKE_CURRENT_SOURCE_DIR})
	target_include_directories(${name} ${scope} ${CMAKE_BINARY_DIR}/faces/${name})
endfunction()

# The include root of one module: faces/<target>/<area>/<name> is a link to the module's folder.
function(rc_face target path folder)
	get_filename_component(parent ${CMAKE_BINARY_DIR}/faces/${target}/${path} DIRECTORY)
	file(MAKE_DIRECTORY ${parent})
	file(CREATE_LINK ${folder} ${CMAKE_BINARY_DIR}/faces/${target}/${path} SYMBOLIC)
endfunction()

# rc_program(name SOURCES main.c … LINK modules): lands in build/<preset>/bin.
function(rc_program name)
	cmake_parse_arguments(P "" "" "SOURCES;LINK" ${ARGN})
	add_executable(${name} ${P_SOURCES})
	target_link_libraries(${name} PRIVATE ${P_LINK})
endfunction()
