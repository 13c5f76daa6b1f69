FROM a
ADD rootfs.tar.xz /
ADD app.tgz data.gz *.tar.* /app/
ADD https://example.com/x git@github.com:a/b.git /app/
ADD $FILE /app/
ADD --unpack=false bundle /app/
COPY app.py /app/
