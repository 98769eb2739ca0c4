package jsbridge

import (
	"math"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

func TestFieldsCrossBothWaysUnchanged(t *testing.T) {
	fields := []protocol.Field{
		{Path: protocol.Type, Value: protocol.ActSendEvent.Value()},
		{Path: protocol.RoomID, Value: protocol.Str("!r:ü")},
		{Path: protocol.StateKey, Value: protocol.Str("")},
		{Path: protocol.TimeoutMs, Value: protocol.Num(1.5e300)},
		{Path: protocol.ExpiresAt, Value: protocol.Num(math.Copysign(0, -1))},
		{Path: protocol.Ended, Value: protocol.Bool(true)},
		{Path: protocol.AllowUnencrypted, Value: protocol.Bool(false)},
		{Path: protocol.GroupID, Value: protocol.Value{Kind: protocol.Null}},
		{Path: protocol.Content, Value: protocol.Value{Kind: protocol.Opaque, ID: -7}},
		{Path: protocol.RespEventID, Value: protocol.Value{Kind: protocol.Kept, ID: 3}},
		{Path: protocol.RequestID, Value: protocol.Value{Kind: protocol.Serial, ID: 12}},
		{Path: protocol.Capabilities, Value: protocol.Value{Kind: protocol.List, ID: 1}},
		{Path: protocol.Capabilities, Value: protocol.Str("c")},
	}
	m := newMemory()
	var out session.Out
	out.AddFields(session.Settle, 5, fields)
	words := m.write(&out)
	if m.outbox[0] != int32(session.Settle)|int32(len(fields))<<8 || m.outbox[1] != 5 {
		t.Fatalf("head %v", m.outbox[:2])
	}
	// What went out is, word for word, what may come in.
	m.inbox, m.textIn = m.outbox[2:words], m.textOut
	got := m.read(int32(len(m.inbox)))
	if len(got) != len(fields) {
		t.Fatalf("read %d fields of %d", len(got), len(fields))
	}
	for i, f := range fields {
		if got[i] != f || math.Signbit(got[i].Num) != math.Signbit(f.Num) {
			t.Errorf("field %d: %+v, want %+v", i, got[i], f)
		}
	}
}

func TestErrorsAndStatusesCrossAsTheWordsThatThePageHasForThem(t *testing.T) {
	m := newMemory()
	var out session.Out
	out.AddFields(session.Kept, 5, []protocol.Field{
		{Path: protocol.Status, Value: protocol.Num(float64(future.Lost))},
		{Path: protocol.ErrorCode, Value: protocol.Num(float64(protocol.CodeSpent))},
	})
	words := m.write(&out)
	m.inbox, m.textIn = m.outbox[2:words], m.textOut
	got := m.read(int32(len(m.inbox)))
	if len(got) != 2 || got[0].Str != "lost" || got[1].Str != "spent" {
		t.Errorf("read %+v", got)
	}
}

func TestWakingCarriesItsTime(t *testing.T) {
	m := newMemory()
	words := m.write(&session.Out{Effects: []session.Effect{{Op: session.Wake, At: 1234.5}}})
	bits := uint64(uint32(m.outbox[2])) | uint64(uint32(m.outbox[3]))<<32
	if words != 4 || math.Float64frombits(bits) != 1234.5 {
		t.Fatalf("outbox %v", m.outbox[:words])
	}
}

func TestOutboxGrowsWithWhatGoesOut(t *testing.T) {
	m := newMemory()
	room := len(m.outbox)
	list := make([]protocol.Field, 3*room)
	for i := range list {
		list[i] = protocol.Str("c").At(protocol.Capabilities)
	}
	var out session.Out
	out.AddFields(session.Settle, 5, list)
	words := m.write(&out)
	m.inbox, m.textIn = m.outbox[2:words], m.textOut
	if got := m.read(int32(len(m.inbox))); len(got) != len(list) || got[len(list)-1] != list[0] {
		t.Fatalf("read %d fields of %d", len(got), len(list))
	}
}

func TestReservedMemoryKeepsWhatIsThere(t *testing.T) {
	m := newMemory()
	m.inbox[5], m.textIn[7] = 42, 'x'
	m.reserve(100_000, 1_000_000)
	if len(m.inbox) < 100_000 || len(m.textIn) < 1_000_000 || m.inbox[5] != 42 || m.textIn[7] != 'x' {
		t.Fatalf("%d words, %d bytes", len(m.inbox), len(m.textIn))
	}
	m.reserve(1, 1)
	if len(m.inbox) < 100_000 {
		t.Fatal("reserving less took memory away")
	}
}

func TestInternedTextsAreBounded(t *testing.T) {
	m := newMemory()
	first := m.intern(0, copy(m.textIn, "word"))
	if m.interned[first] != "word" || int(first) != len(protocol.Names()) {
		t.Fatalf("id %d", first)
	}
	for m.intern(0, 1) != 0 {
	}
	if len(m.interned) != MaxInterned || cap(m.interned) != MaxInterned {
		t.Fatalf("%d texts", len(m.interned))
	}
}

func TestWordsThatNoShimWritesPanicRatherThanReadOn(t *testing.T) {
	for name, words := range map[string][]int32{
		"number without payload": {int32(protocol.TimeoutMs) | int32(protocol.Number)<<16},
		"unknown interned text":  {int32(protocol.Type) | int32(protocol.Text)<<16, 9999},
		"text out of range":      {int32(protocol.Type) | int32(protocol.Text)<<16, 0, 5000, 10},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was read", name)
				}
			}()
			m := newMemory()
			m.inbox = words
			m.read(int32(len(words)))
		}()
	}
}
