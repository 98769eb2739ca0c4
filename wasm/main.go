//go:build js && wasm

// Command wasm is the module that a page loads. The page calls the exports of
// package jsbridge; there is nothing that a main would do.
package main

import _ "github.com/widget-futures/widget-futures/jsbridge" // for its exports

func main() { select {} }
