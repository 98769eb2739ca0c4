// Package protocol is the wire of the Matrix Widget API as a widget speaks it:
// the envelope, every name, the capabilities, the four dialects in which a host
// can be asked for a future (MSC4157, first draft to today), and the errors.
//
// A message is a list of fields, not a tree and not text: each field names its
// place by a [Path] and carries a [Value]. Whoever stands at the border turns a
// message object into fields and fields into a message object; package wirejson
// does it for JSON text, the page's shim for JavaScript values. So the wasm
// needs no JSON parser, and contents that are only passed on never enter Go.
//
//	message  = api widgetId requestId action data [ response ]
//	api      = "fromWidget" | "toWidget"          // the direction of the request
//	request  = message without response
//	answer   = the whole request + response       // api keeps the request's direction
//	failure  = answer with response.error.message [ response.error.matrix_api_error ]
//
// The package is pure: no I/O, clock, lock or randomness.
package protocol
