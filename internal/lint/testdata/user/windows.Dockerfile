FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
COPY x.exe C:/x.exe
