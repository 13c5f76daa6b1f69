FROM scratch
# want: parse/unknown_instruction
{{ range . }}
# want: parse/unknown_instruction
{{ one }}
# want: parse/unknown_instruction
{{ two }}
# want: parse/2_more_lines
{{ three }}
{{ end }}
