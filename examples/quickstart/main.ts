process.stdout.write('The quickstart is not written yet.\n')
