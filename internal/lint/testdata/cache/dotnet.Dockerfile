FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# want: cache/dotnet_restore
RUN dotnet restore
RUN dotnet publish --no-restore -o /app
RUN dotnet build
