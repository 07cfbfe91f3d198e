package literllm

import (
	"compress/flate"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// failureKind is what a failed exchange of net/http was.
func failureKind(err error, reached Reached) FailureKind {
	var dns *net.DNSError
	var timeout net.Error
	connecting := reached == ReachedNotConnected || isDial(err)
	switch {
	case errors.As(err, &dns):
		return FailureKindDNS
	case isTLS(err):
		return FailureKindTLS
	case connecting && errors.As(err, &timeout) && timeout.Timeout():
		return FailureKindConnectTimeout
	case isDial(err):
		return FailureKindConnect
	case isNotHTTP(err):
		return FailureKindHTTP
	case isBroken(err):
		if connecting {
			return FailureKindConnect
		}
		return FailureKindReset
	}
	return FailureKindOther
}

func isDial(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "dial" || operation.Op == "proxyconnect" || operation.Op == "socks connect")
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &certificate) || errors.As(err, &alert) || errors.As(err, &record) ||
		errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// isNotHTTP: what net/http says of bytes it cannot read has no type, mostly.
func isNotHTTP(err error) bool {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return true
	}
	for _, word := range []string{"malformed", "invalid byte in chunk length", "chunked line", "response header", "invalid Trailer"} {
		if strings.Contains(err.Error(), word) {
			return true
		}
	}
	return false
}

// isBroken: the connection ended before the exchange did.
func isBroken(err error) bool {
	var operation *net.OpError
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED} {
		if errors.Is(err, broken) {
			return true
		}
	}
	// HTTP/2 and "server closed idle connection" have no type that can be named.
	words := err.Error()
	return errors.As(err, &operation) || strings.Contains(words, "http2: ") || strings.HasPrefix(words, "stream error: ") ||
		strings.Contains(words, "connection")
}
