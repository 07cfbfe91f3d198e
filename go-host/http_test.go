package literllm

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// happenings of one attempt over the usual transport, without a core: the head, all bytes, and how it ended.
func happenings(t *testing.T, transport http.RoundTripper, send Send) (head *ResponseHead, body string, last happening) {
	t.Helper()
	origin := strings.Join(strings.Split(send.Request.URL, "/")[:3], "/")
	lender := &lender{transport: transport, keys: &keyring{source: EnvKeys}, egress: egress{{Provider: "example", Origins: []string{origin}}}}
	ready := make(chan struct{}, 1)
	attempt := beginAttempt(t.Context(), send, lender, ready, 0)
	defer attempt.stop()
	for {
		happening, ok := attempt.take()
		if !ok {
			select {
			case <-ready:
			case <-time.After(attempt.connecting()):
			}
			continue
		}
		switch {
		case happening.isLast():
			return head, body, happening
		case happening.head != nil:
			head = happening.head
		default:
			body += string(happening.bytes)
		}
	}
}

func posting(url string) Send {
	send := Send{Attempt: 1, Provider: "example", Request: HTTPRequest{Method: "POST", URL: url}}
	send.Request.Body, send.Request.BodyLength = []BodySegment{&TextSegment{Text: "{}"}}, 2
	return send
}

func server(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// raw is a server that says these bytes to whoever asks, and closes.
func raw(t *testing.T, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, request.Body)
				_, _ = io.WriteString(conn, answer)
			}
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String() + "/"
}

func TestHeadersAreLatin1AndGzipIsDecoded(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-ask") != "\xe9" || r.Header.Get("User-Agent") != "mine" || r.Header.Get("Accept-Encoding") != "gzip" {
			http.Error(w, fmt.Sprint(r.Header), http.StatusBadRequest)
			return
		}
		w.Header().Set("X-Say", "\xe9")
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		_, _ = io.WriteString(zip, "words")
		_ = zip.Close()
	})
	send := posting(s.URL)
	send.Request.Headers = []Header{{Name: "x-ask", Value: "é"}, {Name: "user-agent", Value: "mine"}}
	head, body, last := happenings(t, NewTransport(), send)
	if last.kind != bodyEnded || head.Status != 200 || body != "words" {
		t.Fatalf("%+v %q %+v", head, body, last.failure)
	}
	for _, header := range head.Headers {
		if header.Name == "x-say" && header.Value == "é" {
			return
		}
	}
	t.Errorf("%+v", head)
}

func TestEveryFailureOfTheTransportHasItsKindAndHowFarItCame(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String() + "/"
	_ = listener.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := server(t, func(http.ResponseWriter, *http.Request) {})
	header := posting(plain.URL)
	header.Request.Headers = []Header{{Name: "x-far", Value: "漢"}}
	for what, test := range map[string]struct {
		send    Send
		kind    FailureKind
		reached Reached
	}{
		"nobody listens":        {posting(closed), FailureKindConnect, ReachedNotConnected},
		"no such name":          {posting("http://no-such-name.invalid/"), FailureKindDNS, ReachedNotConnected},
		"an unknown signer":     {posting(secure.URL), FailureKindTLS, ReachedNotConnected},
		"no TLS":                {posting(strings.Replace(plain.URL, "http:", "https:", 1)), FailureKindTLS, ReachedNotConnected},
		"closed before a head":  {posting(raw(t, "")), FailureKindReset, ReachedSent},
		"no HTTP":               {posting(raw(t, "220 mail.example ESMTP\r\n")), FailureKindHTTP, ReachedSent},
		"a head alone":          {posting(raw(t, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")), FailureKindReset, ReachedHeadSeen},
		"half a body":           {posting(raw(t, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234")), FailureKindReset, ReachedBodySeen},
		"a broken chunk":        {posting(raw(t, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n")), FailureKindHTTP, ReachedBodySeen},
		"no gzip":               {posting(raw(t, "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\nnot a gzip!!")), FailureKindHTTP, ReachedHeadSeen},
		"a header that is none": {header, FailureKindOther, ReachedNotConnected},
	} {
		_, _, last := happenings(t, NewTransport(), test.send)
		if failure := last.failure; failure == nil || failure.Kind != test.kind || failure.Reached != test.reached {
			t.Errorf("%s: %+v", what, failure)
		}
	}
	noGoroutines(t)
}

func TestAConnectionThatTakesTooLongIsSaidSo(t *testing.T) {
	transport := NewTransport()
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	send := posting("http://example.com/")
	send.ConnectTimeoutMs = Ptr[uint64](10)
	_, _, last := happenings(t, transport, send)
	if failure := last.failure; failure.Kind != FailureKindConnectTimeout || failure.Reached != ReachedNotConnected {
		t.Errorf("%+v", failure)
	}
}

func TestTheConnectTimeoutEndsWithTheConnection(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(60 * time.Millisecond)
		_, _ = io.WriteString(w, "late")
	})
	send := posting(s.URL)
	send.ConnectTimeoutMs = Ptr[uint64](40)
	if _, body, last := happenings(t, NewTransport(), send); body != "late" {
		t.Errorf("%+v", last.failure)
	}
}

func TestWhatMayHaveBeenSentIsNotSentAgain(t *testing.T) {
	// The first request is answered and the connection kept; the second is read and the connection closed. net/http would
	// repeat it for the sake of its idempotency key.
	var requests atomic.Int32
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if requests.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "fine")
	})
	transport := NewTransport()
	send := func() Send {
		send := posting(s.URL)
		send.Request.Headers = []Header{{Name: "idempotency-key", Value: "a"}}
		return send
	}
	happenings(t, transport, send())
	_, _, last := happenings(t, transport, send())
	if last.failure == nil || requests.Load() != 2 {
		t.Errorf("%d requests, %+v", requests.Load(), last.failure)
	}
}

func TestATransportWithoutTraceCannotTellHowFarItCame(t *testing.T) {
	broken := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("a transport of the caller's") })
	_, _, last := happenings(t, broken, posting("http://example.com/"))
	if failure := last.failure; failure.Kind != FailureKindOther || failure.Reached != ReachedUnknown {
		t.Errorf("%+v", failure)
	}
}
