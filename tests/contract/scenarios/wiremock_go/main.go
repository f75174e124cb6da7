package main

import "github.com/wiremock/go-wiremock"

func main() { println(wiremock.NewClient("x")) }
