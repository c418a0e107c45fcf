# SPDX-License-Identifier: Apache-2.0
# The foreign libraries, each under one name (rc_lib_*). README's table says why each is here and who may see it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

foreach(pair
		"jansson jansson" "zlib zlib" "qrencode libqrencode" "zbar zbar" "curl libcurl" "openssl openssl"
		"sqlite sqlite3" "uv libuv" "gtk gtk4" "png libpng" "seccomp libseccomp" "inih inih"
		"cairo cairo" "pangocairo pangocairo" "jpeg libjpeg" "argon2 libargon2" "pq libpq")
	separate_arguments(pair)
	list(GET pair 0 name)
	list(GET pair 1 package)
	pkg_check_modules(RC_${name} REQUIRED IMPORTED_TARGET GLOBAL ${package})
	add_library(rc_lib_${name} INTERFACE)
	target_link_libraries(rc_lib_${name} INTERFACE PkgConfig::RC_${name})
endforeach()

# mbedTLS 2.28 ships no pkg-config file.
find_library(RC_MBEDTLS mbedtls REQUIRED)
find_library(RC_MBEDX509 mbedx509 REQUIRED)
find_library(RC_MBEDCRYPTO mbedcrypto REQUIRED)
add_library(rc_lib_mbedtls INTERFACE)
target_link_libraries(rc_lib_mbedtls INTERFACE ${RC_MBEDTLS} ${RC_MBEDX509} ${RC_MBEDCRYPTO})

find_library(RC_CMOCKA cmocka REQUIRED)
add_library(rc_lib_cmocka INTERFACE)
target_link_libraries(rc_lib_cmocka INTERFACE ${RC_CMOCKA})
