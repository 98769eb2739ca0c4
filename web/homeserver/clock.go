package homeserver

import (
	"errors"
	"sync/atomic"
	"time"
)

// Clock is all the server knows of time, so that a test may own it.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once, d from now, from a goroutine that holds no lock of the server.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is one pending call of a Clock; Stop reports whether it came in time. *time.Timer is one.
type Timer interface {
	Stop() bool
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// wallClock is a Clock whose wall may be stepped. Its timers take as long as they take: who waits for a time of the wall sets them anew
// after a step.
type wallClock struct {
	Clock
	stepped atomic.Int64 // ns, all steps together
}

func (c *wallClock) Now() time.Time { return c.Clock.Now().Add(time.Duration(c.stepped.Load())) }

// maxStepMs, a hundred years, keeps every sum of times within what an int64 of nanoseconds holds.
const maxStepMs = 100 * 365 * 24 * 3_600_000

// StepClock has the server's wall clock jump by so many milliseconds, forward or (below 0) back; steps add up. What Synapse 1.160.0 does was read in its source:
//
//   - Everything it does with time goes by the wall: timers are those of Twisted's reactor, whose clock is time.time(), and what a timer
//     sends off is all whose send time the wall has reached (handlers/delayed_events.py, _send_on_timeout). So a step forward sends at once
//     what falls within it, and after a step back everything is as much later.
//   - An event that a timer sends is stamped with the time it was due, however late it is. Of several for the same state that are due
//     together the first is sent and the others are dropped (see round).
//   - running_since stays what it was, a time by the old wall; a restart takes the new one.
//   - The rate limiter goes by the same clock: a step back leaves whoever had used it shut out until the wall is where it was.
//
// Simplified: the reactor notices a step when it next wakes for anything, which on a busy server is at once; here it is at once. Faults
// are no part of the server: their ForMs and LateMs are not stepped.
func (s *Server) StepClock(ms int64) error {
	if err := s.checkStep(ms); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manage.prune(s.options.ManagePerSecond)
	s.clock.stepped.Add(ms * int64(time.Millisecond))
	s.scheduler.rearm()
	return nil
}

func (s *Server) checkStep(ms int64) error {
	if before := s.steppedMs(); max(ms, before+ms) > maxStepMs || min(ms, before+ms) < -maxStepMs {
		return errors.New("stepClockMs would take the clock more than a hundred years away")
	}
	return nil
}

func (s *Server) steppedMs() int64 { return time.Duration(s.clock.stepped.Load()).Milliseconds() }
