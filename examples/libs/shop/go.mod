module example.com/stagecraft/examples/libs/shop

go 1.26.0
