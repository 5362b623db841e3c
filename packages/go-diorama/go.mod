module diorama

go 1.21
