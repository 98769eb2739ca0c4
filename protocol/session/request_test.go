package session

import (
	"math"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestRequestsAreFoundWhileTheTableGrowsAndShrinks(t *testing.T) {
	var table table
	open := map[int32]int32{} // calls by serial
	for call := range int32(3000) {
		f := table.add(&Request{Call: call})
		if _, ok := open[f.serial]; ok {
			t.Fatalf("serial %d was given twice", f.serial)
		}
		open[f.serial] = call
		if call%3 == 0 { // some are answered, not the oldest
			delete(open, f.serial)
			table.free(f)
		}
	}
	if table.used != len(open) {
		t.Fatalf("%d in use, want %d", table.used, len(open))
	}
	for serial, call := range open {
		if f := table.find(serial); f == nil || f.Call != call {
			t.Fatalf("serial %d finds %v", serial, f)
		}
		table.free(table.find(serial))
		if table.find(serial) != nil {
			t.Fatalf("serial %d is found after its end", serial)
		}
	}
	for _, serial := range []int32{0, -1, math.MinInt32, math.MaxInt32} {
		if f := table.find(serial); f != nil {
			t.Errorf("serial %d finds %v", serial, f)
		}
	}
}

func TestLongCallNeedsNoMoreRoomThanItsBusiestMoment(t *testing.T) {
	var table table
	for range 100000 {
		a, b := table.add(&Request{}), table.add(&Request{})
		table.free(table.find(a.serial))
		table.free(table.find(b.serial))
	}
	if len(table.places) != 16 {
		t.Errorf("%d places", len(table.places))
	}
}

func TestSerialsBeginAgainAfterTheLargestAndPassOverWhatIsOpen(t *testing.T) {
	var table table
	first := table.add(&Request{Call: 7}).serial
	table.last = math.MaxInt32 - 1
	for range 20 {
		f := table.add(&Request{})
		if f.serial <= 0 || f.serial == first {
			t.Fatalf("serial %d", f.serial)
		}
		table.free(f)
	}
	if f := table.find(first); f == nil || f.Call != 7 {
		t.Fatal("the open request was lost")
	}
}

func TestLateRequestKeepsItsFieldsWhenItsPlaceIsTaken(t *testing.T) {
	var table table
	f := table.add(&Request{Fields: []protocol.Field{protocol.Str("mine").At(protocol.DataType)}})
	serial := f.serial
	table.late.keep(maxLate, f, 0)
	table.free(f)
	for range 100 { // until another one has the place
		g := table.add(&Request{Fields: []protocol.Field{protocol.Str("other").At(protocol.DataType)}})
		table.free(g)
	}
	late := table.late.find(serial, Now{Mono: lateLife - 1})
	if late == nil || late.Fields[0].Str != "mine" {
		t.Fatalf("late %v", late)
	}
	if late := table.late.find(serial, Now{Mono: lateLife}); late != nil {
		t.Errorf("remembered for too long: %v", late)
	}
}

func TestWaitingRequestsKeepTheirOrderWhenSomeAreTakenBack(t *testing.T) {
	s := New(Config{})
	var fields [1]protocol.Field // used again, as the owner's is
	for i, kind := range []Kind{1, 2, 1, 2, 3} {
		fields[0] = protocol.Num(float64(i)).At(protocol.DataDelay)
		if err := s.Request(Now{}, &Request{Kind: kind, Call: int32(i + 1), Fields: fields[:]}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int32{2, 4} {
		if r, ok := s.Withdraw(2, 0); !ok || r.Call != want {
			t.Fatalf("took back %v %v, want call %d", r, ok, want)
		}
	}
	if r, ok := s.Withdraw(2, 0); ok {
		t.Fatalf("took back %v", r)
	}
	s.Abort(Now{}, 3) // and is not among those that closing ends
	for _, want := range []int32{1, 5} {
		a, ok := s.Close()
		if !ok || a.Call != want || a.Err.Code != protocol.CodeClosed || a.Fields[0].Num != float64(want-1) {
			t.Fatalf("closing ended %v %v, want call %d", a, ok, want)
		}
	}
	if a, ok := s.Close(); ok {
		t.Fatalf("closing ended %v", a)
	}
}

func TestUrgentRequestsGoBeforeThoseThatWaitAndALittleBeyondTheLimit(t *testing.T) {
	s := New(Config{WidgetID: protocol.Str("w"), HostKnown: true, MaxInFlight: 1, HandshakeMs: 1e6, DeadlineMs: 1000})
	s.opened, s.status = true, Ready
	ask := func(call int32, urgent bool) {
		if err := s.Request(Now{}, &Request{Kind: 1, Call: call, Action: protocol.Str("a"), Urgent: urgent}); err != nil {
			t.Fatal(err)
		}
	}
	ask(1, false) // takes the one place
	ask(2, false)
	for call := int32(11); call <= 15; call++ {
		ask(call, true)
	}
	if s.table.used != 1+moreUrgent {
		t.Fatalf("%d in flight", s.table.used)
	}
	for _, want := range []int32{14, 15, 2} {
		l, p := s.waiting.front()
		if got := p.value.Call; got != want {
			t.Fatalf("call %d waits first, want %d", got, want)
		}
		l.drop(p)
	}
}

func TestCuttingOffLeavesTheUrgentRequestsToGoOn(t *testing.T) {
	s := New(Config{WidgetID: protocol.Str("w"), HostKnown: true, MaxInFlight: 1, HandshakeMs: 1e6, DeadlineMs: 1000})
	s.opened, s.status = true, Ready
	for call := int32(1); call <= 6; call++ {
		if err := s.Request(Now{}, &Request{Kind: 1, Call: call, Action: protocol.Str("a"), Urgent: call%2 == 0}); err != nil {
			t.Fatal(err)
		}
	}
	cut := map[int32]bool{}
	for {
		a, ok := s.CutOff(Now{})
		if !ok {
			break
		}
		if a.Err == nil || a.Err.Code != protocol.CodeClosed {
			t.Fatalf("call %d was cut off with %v", a.Call, a.Err)
		}
		cut[a.Call] = true
	}
	if len(cut) != 3 || !cut[1] || !cut[3] || !cut[5] || s.table.used != 4 || s.waiting.len() != 0 {
		// The one that was posted keeps its place, which the host still has for it.
		t.Fatalf("cut off %v, %d in flight, %d waiting", cut, s.table.used, s.waiting.len())
	}
}
