FROM scratch
# want: maintainer/MAINTAINER
MAINTAINER someone
# want: maintainer/label
LABEL a=b Maintainer="someone"
