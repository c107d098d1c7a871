#!/bin/sh
# The main job, in four commands: enter a diffusivity, see what is known of it, get kernels, filter a real signal.
# Usage: sh docs/demo.sh [the symtrans command]
set -eu
symtrans=${1:-symtrans}
formula='exp(-r^2/(2 lambda^2))'

show() {
    printf '\n$ symtrans'
    for word in "$@"; do
        case $word in
            *[!a-zA-Z0-9./=_-]*) printf ' "%s"' "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$symtrans" "$@"
}

show translate "$formula" --kind diffusivity
show translate "$formula" --kind diffusivity --latex
show certify "$formula" --kind diffusivity
show generate "$formula" --kind diffusivity --blocks 32 --target c --output demo
show generate "$formula" --kind diffusivity --blocks 32 --target numpy --output demo
show denoise ecg --with "$formula" --kind diffusivity --blocks 32 --set lam=15 --noise 15 --compare \
    --output demo/ecg.csv --picture demo/ecg.png
