package homeserver

import (
	"fmt"
	"net/http"
)

// stream answers with Server-Sent Events: it writes what there is, and again at every wake-up, until its reader is gone or may read no
// more, the server closes, or it goes down.
func (s *Server) stream(w http.ResponseWriter, r *request, wake, wentDown <-chan struct{}, write func() (more bool)) {
	w.Header().Set("Content-Type", "text/event-stream")
	controller := http.NewResponseController(w)
	fmt.Fprint(w, ": open\n\n")
	for {
		if !write() || controller.Flush() != nil {
			return
		}
		select {
		case <-wake:
		case <-r.http.Context().Done():
			return
		case <-s.closed:
			return
		case <-wentDown:
			panic(http.ErrAbortHandler)
		}
	}
}
