# SPDX-License-Identifier: Apache-2.0
# Build-time generators. Each writes into the calling module's binary folder, which becomes part of its include root as
# "<area>/<name>_gen/…" so that generated headers are named like hand-written ones.
set(RC_GENERATED_ROOT ${CMAKE_BINARY_DIR}/generated)
