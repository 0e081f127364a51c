// Acceleration, rotation and magnetic field, one reading of each, and their rates.
#include <Arduino_LSM9DS1.h>

bool accel = false, gyro = false, mag = false;

void show(float x, float y, float z) { Serial.println(String(x, 2) + " " + String(y, 2) + " " + String(z, 2)); }

void setup() {
  Serial.begin(115200);
  Serial.println(IMU.begin());
  Serial.println(String(IMU.accelerationSampleRate(), 0) + " " + String(IMU.magneticFieldSampleRate(), 0));
  delay(200);
  float x, y, z;
  while (!IMU.accelerationAvailable()) {
  }
  IMU.readAcceleration(x, y, z);
  show(x, y, z);
  while (!IMU.gyroscopeAvailable()) {
  }
  IMU.readGyroscope(x, y, z);
  show(x, y, z);
  while (!IMU.magneticFieldAvailable()) {
  }
  IMU.readMagneticField(x, y, z);
  show(x, y, z);
  IMU.setContinuousMode();
  delay(100);
  int kept = 0;
  while (IMU.accelerationAvailable() && kept < 40) {
    IMU.readAcceleration(x, y, z);
    kept++;
  }
  Serial.println(kept >= 11 && kept <= 15);
}

void loop() {}
