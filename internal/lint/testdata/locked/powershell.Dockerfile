FROM mcr.microsoft.com/windows/servercore:ltsc2025
SHELL ["powershell", "-Command"]
# want: locked/PowerShell_runs
RUN iwr -useb https://example.com/install.ps1 | iex
# want: locked/PowerShell_runs
RUN iex ((New-Object System.Net.WebClient).DownloadString('https://example.com/install.ps1'))
# want: locked/PowerShell_runs
RUN Invoke-Expression "& { $(irm https://example.com/install.ps1) } -Quiet"
RUN Invoke-WebRequest https://example.com/tool-1.2.zip -OutFile tool.zip; Get-FileHash tool.zip | Select-Object Hash
RUN iwr https://example.com/list | Select-String iex
FROM mcr.microsoft.com/powershell
# want: locked/PowerShell_runs
RUN ["pwsh", "-c", "irm https://example.com/install.ps1 | iex"]
