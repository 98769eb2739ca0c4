// Package jsbridge is the border between the core and the page: the one place
// that knows syscall/js. At the start it hands the shim its tables, as a vert
// record, and the host window's postMessage, bound, which it finds through
// syscall/js. From then on the page only calls the exports: each takes
// numbers, runs the core and leaves the effects in an outbox in linear memory,
// which the shim drains after the call has returned. So no code of the page and
// no exception ever runs inside Go, and a call makes no JavaScript value.
//
// The border in memory, all words int32 (see wire.gen.ts for the numbers):
//
//	header  = inbox, its words, text in, its bytes, outbox, text out   // addresses
//	inbox   = field*
//	outbox  = effect*
//	effect  = op + fields<<8, id, [low, high of a float64: op Wake], field*
//	field   = path + kind<<16, payload
//	payload = nothing                    // null, false, true
//	        | low, high                  // number
//	        | interned id                // text that crossed before
//	        | 0, offset, length          // text, UTF-8 in the text buffer
//	        | handle, list length or serial
//
// A handle above 0 is a value of the message being handled. Below 0 it belongs
// to a call: -2 times its number is its content, one less is what a hold leaves.
// Such a handle stands for whatever the page holds in that place when it is
// used, so a hold's state is sent again with its latest content. An export must
// not block: nothing would wake it.
package jsbridge

// Version is the module's own; shim and wasm must agree on it. The build sets
// it to that of package.json.
var Version string

//go:generate go run ./gen ../web/src/wire.gen.ts
