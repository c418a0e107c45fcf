# SPDX-License-Identifier: Apache-2.0
# Language, warnings and hardening for every target; sanitizers by RC_SANITIZE ("address,undefined" or "thread").
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(RC_WERROR "Treat warnings as errors" ON)
option(RC_FUZZ "Build the fuzz targets with libFuzzer (clang only)" OFF)
set(RC_SANITIZE "" CACHE STRING "Sanitizers for every target: address,undefined or thread")

find_program(CCACHE ccache)
if(CCACHE)
	set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_definitions(_GNU_SOURCE RC_VERSION="${PROJECT_VERSION}")
add_compile_options(
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes
	-Wold-style-definition -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wpointer-arith -Wimplicit-fallthrough
	-fno-strict-aliasing -fno-common -fstack-protector-strong)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	add_compile_options(-Wno-format-truncation) # snprintf into a bounded field is how text is cut here
endif()
if(RC_WERROR)
	add_compile_options(-Werror)
endif()
if(RC_SANITIZE)
	add_compile_options(-fsanitize=${RC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	add_link_options(-fsanitize=${RC_SANITIZE})
	add_compile_definitions(RC_SANITIZED=1)
	add_compile_options(-UNDEBUG) # assertions are part of what these builds look for
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
	add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
	add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
if(RC_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
