//go:build !unix

package main

import "errors"

// cpuMicroseconds is only known where the system tells it the Unix way.
func cpuMicroseconds() float64 {
	fail(errors.New("this system does not tell the processor time; run it on Linux or macOS"))
	return 0
}
