FROM a
# want: secrets/app__certificatePassword
ENV app__certificatePassword="hunter2-default"
# want: secrets/DbPassword secrets/dbAPIKey secrets/npmToken
ENV DbPassword=hunter2 dbAPIKey=abc npmToken=abc
ENV tokenizerModel=bert passwordFile=/x passwordMinLength=abc monkeyName=abc DbPasswordFile=abc publicKey=abc
