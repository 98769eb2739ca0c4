// Package homeserver is a small Matrix homeserver with real timers: the other half of the demo and of the browser tests. It speaks
// just enough of the client-server API to register, join, send and read, and both generations of events that are sent later: the
// futures of June 2024 (MSC4140 at commit 99b3a20c3, tokens and groups) and delayed events as Synapse 1.160.0 serves them. Both stand
// on one scheduler and one clock, so that what a test proves of one timer holds for all.
//
// Everything is guarded by one lock: a request is read, then handled under the lock, then answered; a timer that runs out takes the
// same lock. Nothing is ever logged, since contents and tokens pass through here.
//
// A server lives in memory (New), or keeps what happens in a journal and begins again from it (Open). Either way each thing that happens
// is told once, where it happens (tell), and at the end of the work under the lock (settle) it is first written to the journal and then
// told to the life streams; only then is the request answered.
package homeserver

import (
	"net/http"
	"sync"
	"time"
	"unicode/utf8"
)

// Server is an http.Handler; one value is one homeserver.
type Server struct {
	options Options
	clock   *wallClock
	routes  []route

	mu           sync.Mutex
	closed       chan struct{}
	isClosed     bool
	devices      map[string]*device // by access token
	users        map[string]*user   // by user id
	rooms        map[string]*room
	transactions map[transactionKey]any // the answers already given
	scheduler    *scheduler
	futures      *futureBook
	delayed      *delayedBook
	manage       *rateLimiter
	lives        map[*life]bool
	untold       []change // since the lock was taken
	journal      *journal // nil: in memory

	faults      Faults
	faultsUntil time.Time     // zero: for good
	faultsOver  Timer         // nil, or pending
	wentDown    chan struct{} // closed, and replaced, when the server goes down
}

// New makes an empty server. Close it to stop its timers. Options that no server can have are a mistake of the program: it panics.
func New(options Options) *Server {
	if err := options.check(); err != nil {
		panic("homeserver: " + err.Error())
	}
	return newServer(options)
}

func newServer(options Options) *Server {
	s := &Server{
		options:  options,
		clock:    &wallClock{Clock: options.Clock},
		routes:   routesFor(options),
		closed:   make(chan struct{}),
		wentDown: make(chan struct{}),
	}
	s.empty()
	return s
}

// empty makes a server what it is before anything happened.
func (s *Server) empty() {
	s.devices = map[string]*device{}
	s.users = map[string]*user{}
	s.rooms = map[string]*room{}
	s.transactions = map[transactionKey]any{}
	s.lives = map[*life]bool{}
	s.scheduler = newScheduler(s)
	s.futures = newFutureBook(s)
	s.delayed = newDelayedBook(s)
	s.manage = newRateLimiter(s.clock)
	s.journal = nil
}

// ServeHTTP answers one request, if no fault is in its way.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m := s.mishapOf(r)
	if w, ok := m.befalls(s, w, r); ok {
		s.serve(w, r, m.refusal)
	}
}

// serve answers; every answer carries the CORS headers of Synapse.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, refusal error) {
	allowEveryOrigin(w.Header())
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if refusal != nil {
		writeError(w, refusal)
		return
	}
	route, req, err := s.takeApart(w, r)
	if err != nil {
		writeError(w, err)
		return
	}
	if route.stream != nil {
		route.stream(s, w, req)
		return
	}
	answer, err := s.handle(route, req)
	if err != nil {
		writeError(w, err)
		return
	}
	writeAnswer(w, answer)
}

// takeApart finds a request's route and reads it.
func (s *Server) takeApart(w http.ResponseWriter, r *http.Request) (route, *request, error) {
	path := r.URL.EscapedPath()
	if len(path)+len(r.URL.RawQuery) > maxTarget {
		return route{}, nil, errTargetTooLong
	}
	if !utf8.ValidString(r.URL.Path) {
		return route{}, nil, badRequest(codeInvalidParam, "The path is not valid UTF-8")
	}
	route, params, err := match(s.routes, r.Method, path)
	if err != nil {
		return route, nil, err
	}
	query, err := parseQuery(r.URL)
	if err != nil {
		return route, nil, err
	}
	body, err := readBody(w, r)
	return route, &request{params: params, query: query, body: body, http: r}, err
}

// handle runs one route under the lock.
func (s *Server) handle(route route, r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(r, route.login); err != nil {
		return nil, err
	}
	answer, err := route.handle(s, r)
	return answer, s.settle(err)
}

// admit refuses a request to a server that is closed or cannot keep what happens, and finds out who asks. Call it with the lock held.
func (s *Server) admit(r *request, needed login) error {
	if s.isClosed {
		return errClosed
	}
	if err := s.journal.catchUp(); err != nil {
		return err
	}
	return s.authenticate(r, needed)
}

// Close stops every timer, ends every stream and gives the journal up. What a server in memory had is lost.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isClosed {
		s.shut()
	}
}

func (s *Server) shut() {
	s.isClosed = true
	close(s.closed)
	s.scheduler.clear()
	s.journal.close()
	if s.faultsOver != nil {
		s.faultsOver.Stop()
	}
}
