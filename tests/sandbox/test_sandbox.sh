#!/bin/bash
# The simulated company's own check, so that the tests stand on firm ground.
exec "$(dirname "$0")/try.sh" "${BUILD:-build}/sandbox"
