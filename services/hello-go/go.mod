module example.com/stagecraft/services/hello-go

go 1.26.0

require (
	example.com/stagecraft/libs/go v0.0.0
	github.com/go-chi/chi/v5 v5.5.0
)

replace example.com/stagecraft/libs/go => ../../libs/go
