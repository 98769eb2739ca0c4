//lint:file-ignore U1000 the shim calls what go:wasmexport names

package jsbridge

import (
	"unsafe"

	"github.com/google/uuid"
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// bridge is the one instance: a wasm instance serves one WidgetClient.
var bridge struct {
	*memory
	client *future.Client
	out    *session.Out
	header [6]uint32
}

// Words of the header that any input may change.
const (
	headOutbox  = 4
	headTextOut = 5
)

// wfLoad begins. It is no part of main, which TinyGo does not run in a module
// that is there for its exports, and which in Go's own blocks.
//
//go:wasmexport wf_load
func wfLoad() {
	if err := Start(); err != nil {
		panic(err)
	}
}

// wfHeader returns where the header is, which stays there.
//
//go:wasmexport wf_header
func wfHeader() uint32 {
	setHeader()
	return address(unsafe.Pointer(&bridge.header))
}

// setHeader writes down where the buffers are. The shim reads it after each
// export that may move one of them.
func setHeader() {
	b := &bridge
	b.header = [6]uint32{
		address(unsafe.Pointer(unsafe.SliceData(b.inbox))), uint32(len(b.inbox)),
		address(unsafe.Pointer(unsafe.SliceData(b.textIn))), uint32(len(b.textIn)),
		headOutbox:  address(unsafe.Pointer(unsafe.SliceData(b.outbox))),
		headTextOut: address(unsafe.Pointer(unsafe.SliceData(b.textOut))),
	}
}

func address(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

//go:wasmexport wf_reserve
func wfReserve(words, bytes int32) {
	bridge.reserve(int(words), int(bytes))
	setHeader()
}

//go:wasmexport wf_intern
func wfIntern(at, bytes int32) int32 { return bridge.intern(int(at), int(bytes)) }

// The exports below are inputs of the core. All take the time first, then two
// numbers and how many words of the inbox are theirs, so that the shim has one
// way to call them; wasm drops what an export does not take.

// wfStart makes the client of the record that it starts from.
//
//go:wasmexport wf_start
func wfStart(_, _ float64, _, _, in int32) int32 {
	bridge.out = &session.Out{}
	cfg, p, err := configure(bridge.read(in), "probe."+uuid.NewString())
	if err != nil {
		bridge.out.Fail(0, err)
		return finish()
	}
	bridge.client = future.New(cfg)
	bridge.out.AddField(session.Address, 0, protocol.StartHostOrigin, &protocol.Value{Kind: protocol.Text, Str: p.origin})
	return finish()
}

//go:wasmexport wf_open
func wfOpen(mono, wall float64) int32 {
	begin().Open(session.Now{Mono: mono, Wall: wall})
	return finish()
}

//go:wasmexport wf_receive
func wfReceive(mono, wall float64, _, _, in int32) int32 {
	begin().Receive(session.Now{Mono: mono, Wall: wall}, bridge.read(in))
	return finish()
}

//go:wasmexport wf_call
func wfCall(mono, wall float64, kind, call, in int32) int32 {
	begin().Call(session.Now{Mono: mono, Wall: wall}, future.CallKind(kind), call, bridge.read(in))
	return finish()
}

// wfAbort: while more are to be given up, nothing goes out in their stead.
//
//go:wasmexport wf_abort
func wfAbort(mono, wall float64, call, more int32) int32 {
	if now := (session.Now{Mono: mono, Wall: wall}); more != 0 {
		begin().GiveUp(now, call)
	} else {
		begin().Abort(now, call)
	}
	return finish()
}

//go:wasmexport wf_tick
func wfTick(mono, wall float64) int32 {
	begin().Tick(session.Now{Mono: mono, Wall: wall})
	return finish()
}

//go:wasmexport wf_post_failed
func wfPostFailed(mono, wall float64, serial int32) int32 {
	begin().PostFailed(session.Now{Mono: mono, Wall: wall}, serial)
	return finish()
}

//go:wasmexport wf_http_done
func wfHTTPDone(mono, wall float64, serial, status, in int32) int32 {
	begin().HTTPDone(session.Now{Mono: mono, Wall: wall}, serial, int(status), bridge.read(in))
	return finish()
}

//go:wasmexport wf_page
func wfPage(mono, wall float64, event int32) int32 {
	begin().Page(session.Now{Mono: mono, Wall: wall}, future.PageEvent(event))
	return finish()
}

//go:wasmexport wf_close
func wfClose(mono, wall float64) int32 {
	begin().Close(session.Now{Mono: mono, Wall: wall})
	return finish()
}

// begin readies the core for an input.
func begin() *future.Client {
	bridge.client.Reset()
	bridge.out = &bridge.client.Out
	return bridge.client
}

// finish encodes the effects of an input and returns how many words they take.
func finish() int32 {
	b := &bridge
	words := b.write(b.out)
	b.header[headOutbox] = address(unsafe.Pointer(unsafe.SliceData(b.outbox)))
	b.header[headTextOut] = address(unsafe.Pointer(unsafe.SliceData(b.textOut)))
	return int32(words)
}
