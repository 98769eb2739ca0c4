package homeserver

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Faults are what goes wrong between a server and its clients, until they are replaced. The zero value is a good day.
type Faults struct {
	Down         Down    `json:"down"`         // no request is answered by the server itself
	LoseRequests float64 `json:"loseRequests"` // share of requests, 0 to 1, that get lost: nothing is done, the connection breaks
	LoseAnswers  float64 `json:"loseAnswers"`  // share of requests that are done although their connection breaks then
	LateMs       int64   `json:"lateMs"`       // every answer takes that much longer; what it tells of is done at once
	SlowMs       int64   `json:"slowMs"`       // every request takes that much longer to arrive, so that later ones overtake it
	Status       int     `json:"status"`       // every request is refused with this status, 400 to 599, and nothing is done
	Errcode      string  `json:"errcode"`      // of that refusal; default: what goes with the status
	RetryAfterMs int64   `json:"retryAfterMs"` // told with that refusal
	SoftLogout   bool    `json:"softLogout"`   // a refusal with M_UNKNOWN_TOKEN says that the login may be renewed

	Only  string `json:"only"`  // only requests whose path contains this; not with DownStopped
	ForMs int64  `json:"forMs"` // all of it is over after so long; 0: it stays
	Times int    `json:"times"` // all of it is over after so many requests (preflights are none); 0: it stays; not with Down
}

// Down is a way of not being there.
type Down string

const (
	// DownAbort breaks every connection without an answer, streams too. The timers run on: it is the network that is down.
	DownAbort Down = "abort"
	// DownStopped is a server that was stopped as a process: connections break as with DownAbort and no timer fires. What fell due
	// meanwhile is sent when it is back, in one round; what Synapse keeps in memory only is gone: who was limited or locked out, and which
	// transaction scheduled which delayed event.
	DownStopped Down = "stopped"
	// DownGateway has a proxy in front answer 502, without CORS headers: a page may not even read the status.
	DownGateway Down = "gateway"
)

func (f *Faults) check() error {
	share := func(n float64) bool { return n >= 0 && n <= 1 }
	switch {
	case !slices.Contains([]Down{"", DownAbort, DownStopped, DownGateway}, f.Down):
		return fmt.Errorf("down must be %q, %q, %q or empty", DownAbort, DownStopped, DownGateway)
	case f.Down == DownStopped && f.Only != "":
		return fmt.Errorf("only is for faults of single requests: a server that is %q answers none", DownStopped)
	case !share(f.LoseRequests) || !share(f.LoseAnswers):
		return errors.New("loseRequests and loseAnswers must be numbers from 0 to 1")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return errors.New("status must be from 400 to 599, or 0")
	case f.LateMs < 0 || f.SlowMs < 0 || f.RetryAfterMs < 0 || f.ForMs < 0 || f.Times < 0:
		return errors.New("a duration or a number must not be negative")
	case f.Down != "" && f.Times != 0:
		return errors.New("times is for faults of single requests: who finds a server down stops at the preflight")
	}
	return nil
}

// Faults are those in force.
func (s *Server) Faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faultsNow()
}

// SetFaults replaces the faults. Streams that are open break if the server goes down.
func (s *Server) SetFaults(faults Faults) error {
	if err := faults.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.putFaults(faults)
	return nil
}

// putFaults wants the lock held. That faults end is not the server's doing, so its clock has no part in it.
func (s *Server) putFaults(faults Faults) {
	if s.faultsOver != nil {
		s.faultsOver.Stop()
	}
	s.faults, s.faultsUntil, s.faultsOver = faults, time.Time{}, nil
	if faults.ForMs > 0 {
		lasts := time.Duration(faults.ForMs) * time.Millisecond
		s.faultsUntil = s.clock.Clock.Now().Add(lasts)
		if faults.Down == DownStopped { // its timers wait for that, whether or not anybody asks
			s.faultsOver = s.clock.AfterFunc(lasts, func() { s.Faults() })
		}
	}
	if faults.Down != "" {
		s.breakStreams()
	}
	if stopped := faults.Down == DownStopped; stopped != s.scheduler.halted {
		s.scheduler.halt(stopped)
		s.loseMemory()
	}
}

// loseMemory forgets what a Synapse does that starts anew.
func (s *Server) loseMemory() {
	clear(s.manage.buckets)
	clear(s.futures.tries)
	maps.DeleteFunc(s.transactions, func(_ transactionKey, answer any) bool {
		fields, _ := answer.(map[string]any)
		return fields["delay_id"] != nil
	})
}

// breakStreams breaks every stream that is open.
func (s *Server) breakStreams() {
	close(s.wentDown)
	s.wentDown = make(chan struct{})
}

// faultsNow wants the lock held.
func (s *Server) faultsNow() Faults {
	if !s.faultsUntil.IsZero() && !s.clock.Clock.Now().Before(s.faultsUntil) {
		s.putFaults(Faults{})
	}
	return s.faults
}

// ForgetScheduled drops every scheduled event of both generations, as a server that lost its database would. Nothing is sent.
func (s *Server) ForgetScheduled() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.scheduler.find(func(*entry) bool { return true }) {
		s.scheduler.end(e, howForgotten)
	}
	_ = s.settle(nil) // nobody waits for an answer
}

// mishap is what happens to one request.
type mishap struct {
	down                    Down
	requestLost, answerLost bool
	slow, late              time.Duration
	refusal                 error
}

// mishapOf decides. A preflight only finds the server down or not: what befalls its request shall not count twice.
func (s *Server) mishapOf(r *http.Request) mishap {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faultsNow()
	if !strings.Contains(r.URL.Path, f.Only) {
		return mishap{}
	}
	if r.Method == http.MethodOptions {
		return mishap{down: f.Down}
	}
	m := mishap{
		down:        f.Down,
		requestLost: rand.Float64() < f.LoseRequests,
		answerLost:  rand.Float64() < f.LoseAnswers,
		slow:        time.Duration(f.SlowMs) * time.Millisecond,
		late:        time.Duration(f.LateMs) * time.Millisecond,
	}
	if f.Status != 0 {
		m.refusal = f.refusal()
	}
	s.countFault()
	return m
}

// countFault counts a request that the faults have met; the last ends them.
func (s *Server) countFault() {
	switch s.faults.Times {
	case 0:
	case 1:
		s.putFaults(Faults{})
	default:
		s.faults.Times--
	}
}

// codesByStatus are what Synapse usually sends with a status.
var codesByStatus = map[int]string{
	http.StatusUnauthorized: codeUnknownToken, http.StatusForbidden: codeForbidden, http.StatusNotFound: codeNotFound,
	http.StatusMethodNotAllowed: codeUnrecognized, http.StatusTooManyRequests: codeLimitExceeded,
}

func (f *Faults) refusal() error {
	e := &matrixError{status: f.Status, code: f.Errcode, text: http.StatusText(f.Status), retryAfter: time.Duration(f.RetryAfterMs) * time.Millisecond}
	if e.code == "" {
		e.code = codesByStatus[f.Status]
	}
	if e.code == "" {
		e.code = codeUnknown
	}
	if e.code == codeUnknownToken {
		e.members = map[string]any{"soft_logout": f.SoftLogout}
	}
	return e
}

// befalls has the request run into its mishap: it answers, or hands back the writer to answer through.
func (m mishap) befalls(s *Server, w http.ResponseWriter, r *http.Request) (http.ResponseWriter, bool) {
	switch {
	case m.requestLost, m.down == DownAbort, m.down == DownStopped:
		panic(http.ErrAbortHandler) // net/http's own way to break a connection
	case m.down == DownGateway:
		http.Error(w, "502 Bad Gateway", http.StatusBadGateway)
		return nil, false
	}
	if m.slow > 0 {
		s.pause(m.slow, nil) // it arrives although whoever sent it may be gone
	}
	if m.answerLost || m.late > 0 {
		return unluckyWriter{w, s, r, m}, true
	}
	return w, true
}

// unluckyWriter keeps an answer back for a while, or for ever. Streams, which set no status, pass through it.
type unluckyWriter struct {
	http.ResponseWriter
	s *Server
	r *http.Request
	m mishap
}

// Unwrap lets a stream find the writer that can flush.
func (w unluckyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader is the first that every answer does.
func (w unluckyWriter) WriteHeader(status int) {
	if w.m.late > 0 {
		w.s.pause(w.m.late, w.r.Context().Done())
	}
	if w.m.answerLost {
		panic(http.ErrAbortHandler)
	}
	w.ResponseWriter.WriteHeader(status)
}

// pause waits for so long, or until the server is closed or whoever waits has given up.
func (s *Server) pause(d time.Duration, givenUp <-chan struct{}) {
	over := make(chan struct{})
	timer := s.clock.AfterFunc(d, func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
	case <-givenUp:
	case <-s.closed:
	}
}
