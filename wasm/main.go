//go:build js && wasm

// Command wasm is the module that a page loads: the build runs its main, which
// blocks, and a page goes on from there by the exports of package jsbridge.
package main

import _ "github.com/widget-futures/widget-futures/jsbridge" // for its exports

func main() { select {} }
