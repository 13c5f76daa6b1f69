FROM scratch
COPY <<-one <<"two" /
	INCLUDE
	one
# not a comment
two
RUN <<EOF
INCLUDE
EOF
