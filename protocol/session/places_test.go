package session

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// talk is a session that is ready, and what it posted.
type talk struct {
	*testing.T
	*Session
	now   Now
	wake  float64
	posts []int32
}

func ready(t *testing.T, cfg Config) *talk {
	cfg.WidgetID, cfg.HostKnown, cfg.HandshakeMs = protocol.Str("w"), true, 1e6
	if cfg.DeadlineMs == 0 {
		cfg.DeadlineMs = 10000
	}
	s := &talk{T: t, Session: New(cfg), wake: forever}
	s.opened, s.status = true, Ready
	return s
}

// after pumps and takes the effects, as an owner does at the end of each input.
func (s *talk) after() {
	s.Pump(s.now)
	for _, e := range s.Effects {
		switch e.Op {
		case Post:
			s.posts = append(s.posts, e.ID)
		case Wake:
			s.wake = e.At
		}
	}
	s.Reset()
}

func (s *talk) ask(first, last int32, r Request) {
	for call := first; call <= last; call++ {
		r.Kind, r.Call, r.Action = 1, call, protocol.Str("a")
		if err := s.Request(s.now, &r); err != nil {
			s.Fatal(err)
		}
		s.after()
	}
}

func (s *talk) abort(first, last int32) {
	for call := first; call <= last; call++ {
		s.Session.Abort(s.now, call)
		s.after()
	}
}

// answer hands the host's answer over, and returns whether anybody wanted it.
func (s *talk) answer(serial int32) (Answer, bool) {
	a, ok := s.Receive(s.now, []protocol.Field{
		protocol.FromWidget.Value().At(protocol.API), protocol.Str("w").At(protocol.WidgetID),
		{Path: protocol.RequestID, Value: protocol.Value{Kind: protocol.Serial, ID: serial}},
		protocol.Str("a").At(protocol.Action), protocol.Value{Kind: protocol.Opaque}.At(protocol.Response),
	})
	s.after()
	return a, ok
}

// pass lets time go by, waking the session when it asked for it.
func (s *talk) pass(ms float64) (expired []int32) {
	end := s.now.Mono + ms
	for s.wake <= end {
		s.now.Mono, s.wake = s.wake, forever
		for {
			a, ok := s.Expire(s.now)
			if !ok {
				break
			}
			expired = append(expired, a.Call)
		}
		s.after()
	}
	s.now.Mono = end
	return expired
}

func (s *talk) posted(want int, when string) {
	s.Helper()
	if len(s.posts) != want {
		s.Fatalf("%s: %d posts, want %d", when, len(s.posts), want)
	}
}

func TestAbortingManyCallsPostsNoneOfThoseThatWait(t *testing.T) {
	s := ready(t, Config{})
	s.ask(1, 112, Request{})
	s.posted(12, "called")
	s.abort(1, 112)
	s.posted(12, "aborted")
	if s.waiting.len() != 0 {
		t.Fatalf("%d wait", s.waiting.len())
	}
	s.ask(1, 1, Request{})
	s.posted(12, "the places are the host's still")
	s.pass(9999)
	s.posted(12, "for ten seconds")
	s.pass(1)
	s.posted(13, "which are over")
	if a, ok := s.answer(s.posts[12]); !ok || a.Call != 1 {
		t.Fatalf("answered %v %v", a, ok)
	}
}

func TestGivenUpRequestKeepsItsPlaceUntilItIsAnsweredAndNobodyHearsOfIt(t *testing.T) {
	s := ready(t, Config{})
	s.ask(1, 13, Request{DeadlineMs: 2000})
	s.pass(1000)
	s.abort(1, 1)
	if expired := s.pass(1000); len(expired) != 11 {
		t.Fatalf("expired %v", expired)
	}
	s.posted(12, "after the deadline")
	for _, serial := range s.posts[:2] { // one was aborted, one was late
		if a, ok := s.answer(serial); ok {
			t.Fatalf("answered %v", a)
		}
		s.posted(13, "an answer makes room for one")
	}
	if expired := s.pass(2000); len(expired) != 1 || expired[0] != 13 {
		t.Fatalf("expired %v", expired)
	}
	if s.table.used != 11 {
		t.Fatalf("%d in flight", s.table.used)
	}
	s.pass(20000)
	if s.table.used != 0 || s.wake != forever {
		t.Fatalf("%d in flight, the next wake-up at %v", s.table.used, s.wake)
	}
}

func TestUrgentRequestsHaveThreePlacesBesideThoseGivenUpAndThenWaitForOne(t *testing.T) {
	s := ready(t, Config{})
	s.ask(1, 12, Request{})
	s.abort(1, 12)
	s.pass(4000)
	s.ask(0, 0, Request{Urgent: true, DeadlineMs: 2000})
	s.ask(0, 0, Request{Urgent: true, DeadlineMs: 2000})
	s.ask(0, 0, Request{Urgent: true, DeadlineMs: 2000})
	s.ask(0, 0, Request{Urgent: true, DeadlineMs: 2000})
	s.posted(15, "three beside twelve")
	if expired := s.pass(5999); len(expired) != 3 {
		t.Fatalf("expired %v", expired)
	}
	s.posted(15, "the host has not forgotten one")
	s.pass(1)
	s.posted(16, "it has forgotten twelve")
}

func TestLastWordOfAPageWaitsForNoPlace(t *testing.T) {
	s := ready(t, Config{})
	s.ask(1, 20, Request{})
	s.ask(0, 0, Request{Urgent: true})
	s.ask(0, 0, Request{Urgent: true})
	s.ask(0, 0, Request{Urgent: true})
	s.ask(0, 0, Request{Urgent: true})
	s.posted(15, "what the host takes")
	s.ask(0, 0, Request{Urgent: true, Last: true})
	s.posted(16, "what it may take")
}

func TestLongDeadlineHoldsNoPlaceThatTheHostHasFreeAgain(t *testing.T) {
	s := ready(t, Config{DeadlineMs: 60000})
	s.ask(1, 13, Request{})
	s.pass(10000)
	s.posted(13, "after ten seconds")
	if a, ok := s.answer(s.posts[0]); !ok || a.Call != 1 || a.IsLate {
		t.Fatalf("a slow answer is one all the same: %v %v", a, ok)
	}
	s.abort(2, 2)
	if s.table.used != 11 || s.table.forgotten != 10 {
		t.Fatalf("%d in flight, %d forgotten", s.table.used, s.table.forgotten)
	}
	s.pass(60000)
	if s.table.used != 0 || s.table.forgotten != 0 {
		t.Fatalf("%d in flight, %d forgotten", s.table.used, s.table.forgotten)
	}

	s = ready(t, Config{DeadlineMs: 60000, MaxInFlight: 1})
	s.ask(1, 2, Request{})
	s.pass(59999)
	s.posted(1, "the page said one at a time")
	s.pass(1)
	s.posted(2, "one at a time")
}

func TestLateAnswerThatMattersIsHeardBeforeAndAfterItsPlaceIsFree(t *testing.T) {
	for _, ms := range []float64{0, 9999, 10000, lateLife - 1, lateLife} {
		s := ready(t, Config{})
		s.ask(1, 1, Request{Late: true})
		s.abort(1, 1)
		s.pass(ms)
		a, ok := s.answer(s.posts[0])
		if want := ms < lateLife; ok != want || ok && (!a.IsLate || a.Call != 1) {
			t.Errorf("after %v ms: %v %v", ms, a, ok)
		}
		if _, ok := s.answer(s.posts[0]); ok {
			t.Errorf("after %v ms: heard twice", ms)
		}
	}
}

func TestClosingKeepsThePlacesOfWhatItCutsOff(t *testing.T) {
	s := ready(t, Config{})
	s.ask(1, 20, Request{Late: true})
	for {
		if _, ok := s.CutOff(s.now); !ok {
			break
		}
	}
	s.ask(0, 0, Request{Urgent: true})
	s.ask(0, 0, Request{Urgent: true})
	s.ask(0, 0, Request{Urgent: true})
	s.ask(0, 0, Request{Urgent: true})
	s.posted(15, "what the holds have to say")
	if a, ok := s.answer(s.posts[0]); ok {
		t.Fatalf("closed already, and told of %v", a)
	}
	s.posted(16, "after an answer")
	for n := 0; ; n++ {
		if _, ok := s.Close(); !ok {
			if n != 4 || s.table.used != 0 {
				t.Fatalf("closing ended %d, %d are in flight", n, s.table.used)
			}
			break
		}
	}
}

func TestPostThatThrowsFreesItsPlaceAlsoWhenItWasGivenUpMeanwhile(t *testing.T) {
	s := ready(t, Config{MaxInFlight: 1})
	s.ask(1, 2, Request{})
	s.abort(1, 1)
	if a, ok := s.PostFailed(s.now, s.posts[0]); ok {
		t.Fatalf("nobody asks for it: %v", a)
	}
	s.after()
	s.posted(2, "nothing is at the host")
}
