package homeserver

import "time"

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
