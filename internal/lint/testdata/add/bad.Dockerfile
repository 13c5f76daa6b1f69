FROM a
# want: add/ADD_takes_app.py
ADD app.py /app/
# want: add/ADD_takes_./src_go.*
ADD --chown=1:1 ./src go.* /app/
# want: add/ADD_takes_targets
ADD targets /app/
# want: add/the_text
ADD <<EOT /app/settings
x=1
EOT
# want: add/onbuild
ONBUILD ADD onbuild /app/
