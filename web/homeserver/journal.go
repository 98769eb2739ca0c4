package homeserver

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
)

// The journal is a file of JSON, one line for each piece of work that changed something: a request, or a timer that ran out. Its first
// line says what it is; every other is a list of changes (life.go), done together or, if the line was torn, not at all. A line is written
// before the request is answered and before any stream tells of it. It is handed to the operating system and not forced to the disk: a
// server that is killed loses nothing, a machine that loses power may lose the last of it. Only opening it waits for the disk.
//
// It holds access tokens, future tokens and contents as they are, so only its owner may read it.

// journal is one that is written; nil is that of a server in memory. All its methods want the server's lock held.
type journal struct {
	path      string
	file      *os.File
	out       io.Writer // the file
	unwritten []byte    // what the file did not take, in whole or in part
}

// keep writes one line. If it cannot, the line waits: a part of it may be in the file, so it is the next to be written.
func (j *journal) keep(changes []change) error {
	if j == nil {
		return nil
	}
	if len(changes) > 0 {
		j.unwritten = append(append(j.unwritten, encode(changes)...), '\n')
	}
	return j.catchUp()
}

// catchUp writes what waits, if anything does.
func (j *journal) catchUp() error {
	for j != nil && len(j.unwritten) > 0 {
		n, err := j.out.Write(j.unwritten)
		j.unwritten = j.unwritten[n:]
		if err != nil {
			return &matrixError{
				status: http.StatusInternalServerError, code: codeUnknown, text: "The homeserver cannot write its journal: " + reason(err),
			}
		}
	}
	return nil
}

func (j *journal) behind() bool { return j != nil && len(j.unwritten) > 0 }

// reason is what the operating system says, without the path, which is none of a client's business.
func reason(err error) string {
	var about *fs.PathError
	if errors.As(err, &about) {
		return about.Err.Error()
	}
	return err.Error()
}

func (j *journal) close() {
	if j != nil {
		_ = j.catchUp()
		j.file.Close() // others may have it now
	}
}

// Open makes a server that keeps what happens in the file at path, and begins with what is there: users and their logins, rooms,
// everything scheduled with its ids, tokens and running timers, and the answers to transactions but for those that Synapse forgets too
// (loseMemory). An empty or missing file is an empty server. What fell due while no server ran is sent before Open returns, the earliest
// first. Rate limits and options are not kept.
//
// The file is written anew, without what is over, and then grows with every change until it is opened the next time. It is an error if
// another server that runs has it, if it is no journal or that of another server name or of a newer version, and if any line but the
// last, which a killed server may have left torn, is broken: the error names the file and the line, and nothing was changed.
//
// While the file cannot be written, because the disk is full, every request is refused with 500 M_UNKNOWN and the streams break: nothing
// is told that might be lost. What a refused request did is done if the server gets to write it, as when an answer is lost.
func Open(path string, options Options) (*Server, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	s := newServer(options)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(path); err != nil {
		return nil, err
	}
	return s, nil
}

// open fills an empty server. Call it with the lock held.
func (s *Server) open(path string) error {
	file, err := openLocked(path)
	if err != nil {
		return fmt.Errorf("journal %s: %w", path, err)
	}
	defer file.Close() // in the end another file has its place
	if err := s.readJournal(file); err != nil {
		return fmt.Errorf("journal %s, %w", path, err)
	}
	s.loseMemory()
	anew, err := s.rewriteJournal(path)
	if err != nil {
		return fmt.Errorf("journal %s: %w", path, err)
	}
	s.journal = &journal{path: path, file: anew, out: anew}
	s.scheduler.resume()
	if err := s.settle(nil); err != nil {
		s.scheduler.clear()
		s.journal.close()
		return err
	}
	return nil
}

var errNoJournal = errors.New("restart: this homeserver has no journal to start again from")

func (s *Server) hasJournal() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal != nil
}

// Restart is what a restart of the process is to everybody else: streams break, timers begin again from what the journal says, limits and
// locks are forgotten. Options and faults stay. A server in memory refuses; one whose journal cannot be read any more is closed.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return errClosed
	}
	if s.journal == nil {
		return errNoJournal
	}
	if err := s.journal.catchUp(); err != nil {
		return err
	}
	path := s.journal.path
	s.breakStreams()
	s.scheduler.clear()
	s.journal.close()
	s.empty()
	if err := s.open(path); err != nil {
		s.shut()
		return err
	}
	return nil
}
