package homeserver

import (
	"cmp"
	"errors"
	"time"
)

// Options say what a server is called, what it allows and which generations it speaks. The zero value is a server that speaks both,
// as Synapse 1.160.0 does the newer one. The members with a name in JSON may be changed while it runs (SetOptions).
type Options struct {
	ServerName string `json:"-"` // the part of every id behind the colon; default "localhost"
	Clock      Clock  `json:"-"` // default: the system's

	NoLegacyFutures bool `json:"-"` // leaves the futures of June 2024 out: their paths are M_UNRECOGNIZED, as on Synapse

	MaxDelayMs   int64 `json:"maxDelayMs"`   // longest delay or future timeout; default 24 h
	MaxScheduled int   `json:"maxScheduled"` // scheduled events one user may have, of both generations together; default 100
	BatchMs      int64 `json:"batchMs"`      // an event is sent at the next multiple of this, so up to that much late (MSC4140 allows 30 s); default 0

	MaxWrongTokens   int   `json:"maxWrongTokens"`   // wrong future tokens in a row one address may try; default 5 (the draft's N)
	WrongTokenLockMs int64 `json:"wrongTokenLockMs"` // how long that address is locked out after one more; default 10 s (the draft's T)

	NoDelayedEvents bool `json:"noDelayedEvents"` // switches delayed events off as Synapse does without max_event_delay_duration
	OwnStateCancels bool `json:"ownStateCancels"` // the sender's own new state cancels the delayed event too, as in Synapse up to 1.126

	// How delayed events are refused: all of it as one generation does, and each of it in a form of its own. A form that is not named is
	// that of the generation.
	Generation Generation   `json:"generation"` // default GenerationSynapse1160
	TooLong    TooLongForm  `json:"tooLong"`    // an over-long delay
	TooMany    TooManyForm  `json:"tooMany"`    // more scheduled events than MaxScheduled
	Off        OffForm      `json:"off"`        // scheduling with NoDelayedEvents
	Finished   FinishedForm `json:"finished"`   // actions on what was sent or cancelled

	FutureErrors FutureErrors `json:"futureErrors"` // how the futures of June 2024 refuse; default FutureErrorsByStatus

	// Synapse's rc_delayed_event_mgmt, whose default is 1 and 5: by user, and without login by address. Here 0 per second, the default, is
	// no limit at all.
	ManagePerSecond float64 `json:"managePerSecond"`
	ManageBurst     int     `json:"manageBurst"`
}

// check refuses what no server can be told, and fills in the defaults.
func (o *Options) check() error {
	if o.ServerName == "" {
		o.ServerName = "localhost"
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.MaxDelayMs == 0 {
		o.MaxDelayMs = (24 * time.Hour).Milliseconds()
	}
	if o.MaxScheduled == 0 {
		o.MaxScheduled = 100
	}
	if o.MaxWrongTokens == 0 {
		o.MaxWrongTokens = 5
	}
	if o.WrongTokenLockMs == 0 {
		o.WrongTokenLockMs = 10_000
	}
	switch {
	case o.MaxDelayMs < 0 || o.MaxScheduled < 0 || o.BatchMs < 0 || o.MaxWrongTokens < 0 || o.WrongTokenLockMs < 0:
		return errors.New("a limit or a duration must not be negative")
	case !(o.ManagePerSecond >= 0) || o.ManageBurst < 0 || o.ManagePerSecond > 0 && o.ManageBurst == 0:
		return errors.New("managePerSecond needs a manageBurst of at least 1, and neither may be negative")
	case o.NoLegacyFutures && o.FutureErrors != "":
		return errors.New("futureErrors is about the futures of June 2024, which this server leaves out")
	}
	return cmp.Or(
		checkName("generation", o.Generation, generations),
		checkName("tooLong", o.TooLong, tooLongForms),
		checkName("tooMany", o.TooMany, tooManyForms),
		checkName("off", o.Off, offForms),
		checkName("finished", o.Finished, finishedForms),
		checkName("futureErrors", o.FutureErrors, futureForms),
	)
}

// Options are those in force, defaults filled in.
func (s *Server) Options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.options
}

// SetOptions changes what may be changed while the server runs; the rest is left as it is. Timers that run already keep their time.
func (s *Server) SetOptions(options Options) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	options.ServerName, options.Clock, options.NoLegacyFutures = s.options.ServerName, s.options.Clock, s.options.NoLegacyFutures
	if err := options.check(); err != nil {
		return err
	}
	s.options = options
	s.scheduler.batch = time.Duration(options.BatchMs) * time.Millisecond
	return nil
}
