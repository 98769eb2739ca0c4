package main

import (
	"math"

	"github.com/widget-futures/widget-futures/jsbridge"
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// shim is in front of this machine's instance what web/src/border.ts is in
// front of a wasm, and records what it does there and what comes of it.
type shim struct {
	*stream
	ids    map[string]int32 // of interned texts
	full   bool             // there are enough of them
	inbox  []int32
	textIn []byte
	// Next word and byte to write, and how far they are in the stream.
	at, text         int
	atTold, textTold int
	inputs           int
}

func newShim(s *stream) *shim { return &shim{stream: s} }

// fresh begins a new instance; much: a page in it will talk much.
func (s *shim) fresh(much bool) error {
	word := int32(0)
	if much {
		word = 1
	}
	s.begin(frameInstance, word)
	s.end()
	s.ids, s.full = map[string]int32{}, false
	for i, name := range protocol.Names() {
		s.ids[name] = int32(i)
	}
	defer s.refresh()
	return jsbridge.Start()
}

func (s *shim) refresh() { s.inbox, s.textIn = jsbridge.Buffers() }

// enter hands an input over and records the effects.
func (s *shim) enter(input jsbridge.Input, now session.Now, a, b int32, fields []protocol.Field) {
	s.at, s.text, s.atTold, s.textTold = 0, 0, 0, 0
	for i := range fields {
		s.write(&fields[i])
	}
	s.put(s.text)
	words, text := jsbridge.Enter(input, now.Mono, now.Wall, a, b, int32(s.at))
	s.begin(frameEnter, int32(input), a, b, int32(s.at), int32(len(words)), int32(len(text)))
	s.number(now.Mono)
	s.number(now.Wall)
	s.words(words)
	s.bytes(text)
	s.end()
	s.inputs++
}

// put records what is written since the last time, text up to the byte given.
func (s *shim) put(end int) {
	if s.at == s.atTold && end == s.textTold {
		return
	}
	s.begin(framePut, int32(s.atTold), int32(s.textTold), int32(s.at-s.atTold), int32(end-s.textTold))
	s.words(s.inbox[s.atTold:s.at])
	s.bytes(s.textIn[s.textTold:end])
	s.end()
	s.atTold, s.textTold = s.at, s.text
}

// write encodes a field.
func (s *shim) write(f *protocol.Field) {
	if s.at+4 > len(s.inbox) { // the longest field
		s.reserve(2*len(s.inbox), 0)
	}
	s.word(int32(f.Path) | int32(f.Kind)<<16)
	switch f.Kind {
	case protocol.Null, protocol.False, protocol.True:
	case protocol.Number:
		bits := math.Float64bits(f.Num)
		s.word(int32(uint32(bits)))
		s.word(int32(uint32(bits >> 32)))
	case protocol.Text:
		id := int32(0)
		if f.ID != 0 {
			id = s.intern(f.Str)
		}
		s.word(id)
		if id == 0 {
			n := s.encode(f.Str)
			s.word(int32(s.text))
			s.word(int32(n))
			s.text += n
		}
	default:
		s.word(f.ID)
	}
}

func (s *shim) word(w int32) {
	s.inbox[s.at] = w
	s.at++
}

// encode writes text at the end of the buffer's used part.
func (s *shim) encode(text string) int {
	if needed := s.text + 3*len(text); needed > len(s.textIn) {
		s.reserve(0, needed)
	}
	return copy(s.textIn[s.text:], text)
}

// intern is the number of a recurring text, given now if it is new.
func (s *shim) intern(text string) int32 {
	id, ok := s.ids[text]
	if ok || s.full {
		return id
	}
	n := s.encode(text)
	s.put(s.text + n)
	id = jsbridge.Intern(s.text, n)
	s.begin(frameIntern, int32(s.text), int32(n), id)
	s.end()
	if s.full = id == 0; !s.full {
		s.ids[text] = id
	}
	return id
}

// reserve makes the ways in larger, with what is written so far in them.
func (s *shim) reserve(words, bytes int) {
	s.put(s.text)
	s.begin(frameReserve, int32(words), int32(bytes))
	s.end()
	jsbridge.Reserve(words, bytes)
	s.refresh()
}

// The shim is what takes the inputs of a simulated page.

func (s *shim) Open(now session.Now) { s.enter(jsbridge.InOpen, now, 0, 0, nil) }

func (s *shim) Receive(now session.Now, message []protocol.Field) {
	s.enter(jsbridge.InReceive, now, 0, 0, message)
}

func (s *shim) Call(now session.Now, kind future.CallKind, call int32, args []protocol.Field) {
	s.enter(jsbridge.InCall, now, int32(kind), call, args)
}

func (s *shim) Abort(now session.Now, call int32) { s.enter(jsbridge.InAbort, now, call, 0, nil) }

func (s *shim) GiveUp(now session.Now, call int32) { s.enter(jsbridge.InAbort, now, call, 1, nil) }

func (s *shim) Tick(now session.Now) { s.enter(jsbridge.InTick, now, 0, 0, nil) }

func (s *shim) PostFailed(now session.Now, serial int32) {
	s.enter(jsbridge.InPostFailed, now, serial, 0, nil)
}

func (s *shim) HTTPDone(now session.Now, serial int32, status int, body []protocol.Field) {
	s.enter(jsbridge.InHTTPDone, now, serial, int32(status), body)
}

func (s *shim) Page(now session.Now, event future.PageEvent) {
	s.enter(jsbridge.InPage, now, int32(event), 0, nil)
}

func (s *shim) Close(now session.Now) { s.enter(jsbridge.InClose, now, 0, 0, nil) }
