package jsbridge

import "github.com/widget-futures/widget-futures/protocol/future"

// The exports run on any machine: so a tool, of Go's own compiler, can say what
// the wasm has to answer. Here too there is one instance, which [Start] begins.

// Input is one of the exports that are inputs of the core.
type Input int

// The inputs, in the order of [Inputs].
const (
	InStart Input = iota
	InOpen
	InReceive
	InCall
	InAbort
	InTick
	InPostFailed
	InHTTPDone
	InPage
	InClose
)

// Inputs names the exports, indexed by [Input].
func Inputs() []string {
	return []string{
		"wf_start", "wf_open", "wf_receive", "wf_call", "wf_abort",
		"wf_tick", "wf_post_failed", "wf_http_done", "wf_page", "wf_close",
	}
}

// Enter calls an export and returns what it leaves in memory, valid until the
// next one.
func Enter(input Input, mono, wall float64, a, b, in int32) (outbox []int32, text []byte) {
	var words int32
	switch input {
	case InStart:
		words = wfStart(mono, wall, a, b, in)
	case InOpen:
		words = wfOpen(mono, wall)
	case InReceive:
		words = wfReceive(mono, wall, a, b, in)
	case InCall:
		words = wfCall(mono, wall, a, b, in)
	case InAbort:
		words = wfAbort(mono, wall, a, b)
	case InTick:
		words = wfTick(mono, wall)
	case InPostFailed:
		words = wfPostFailed(mono, wall, a)
	case InHTTPDone:
		words = wfHTTPDone(mono, wall, a, b, in)
	case InPage:
		words = wfPage(mono, wall, a)
	case InClose:
		words = wfClose(mono, wall)
	}
	return bridge.outbox[:words], bridge.textOut
}

// Buffers are the ways in; [Reserve] makes others of them.
func Buffers() (inbox []int32, text []byte) { return bridge.inbox, bridge.textIn }

// Reserve is the export of that name.
func Reserve(words, bytes int) { wfReserve(int32(words), int32(bytes)) }

// Intern is the export of that name.
func Intern(at, bytes int) int32 { return wfIntern(int32(at), int32(bytes)) }

// Client is whom the inputs are handed to.
func Client() *future.Client { return bridge.client }
